import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "bounded-restarts",
  title: "Containers are not restarted without an end",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.15", "owasp-docker": "D07" },
  why: "A container that fails for good is started again and again: it burns the host, fills its log, and gives an attacker as many attempts as they like.",
  remediation: "Use on-failure with a maximum of 5, and let something that watches it decide what comes then.",
  whenNot: "For services on a single host that must come back after a reboot (unless-stopped), where nothing else would start them.",
  about: "container",
  options: { maximum: { type: "number", description: "How many restarts after failures are allowed.", example: 10, minimum: 1, default: 5 } },
  reads: ({ restart, restartAttempts }) => ({ restart: exact(restart), attempts: exact(restartAttempts) }),
  check({ restart = "no", attempts = 0 }, { options }) {
    if (restart === "no" || restart === "" || (restart === "on-failure" && attempts > 0 && attempts <= options.maximum)) return;
    return `be restarted at most ${options.maximum} times (on-failure), not ${restart === "on-failure" ? (attempts > 0 ? `${attempts} times` : "without an end") : restart}`;
  },
  fix: ({ restart, attempts }, { options, platform }) => (platform === "compose" ? restart.to(`on-failure:${options.maximum}`) : [...(restart.to("on-failure") ?? []), ...(attempts.to(options.maximum) ?? [])]),
  examples: {
    docker: { bad: [{ restart: "always" }, { restart: "on-failure" }, { restart: "on-failure", maxRetryCount: 50 }], good: [{ restart: "on-failure", maxRetryCount: 5 }, { restart: "no" }] },
    compose: { bad: [{ restart: "always" }, { restart: "on-failure" }, { restart: "unless-stopped" }], good: [{ restart: "on-failure:5" }, { restart: "no" }, { deploy: { restart_policy: { condition: "on-failure", max_attempts: 3 } } }] },
  },
});
