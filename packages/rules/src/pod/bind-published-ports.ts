import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "bind-published-ports",
  title: "Published ports are bound to an interface",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.14", "nist-sp-800-190": "4.4.2", "owasp-docker": "D03" },
  why: "A port that is published on all interfaces is open to every network the host is on, and Docker opens the firewall for it.",
  remediation: "Name the interface in ip, 127.0.0.1 where a proxy on the host is the only caller.",
  whenNot: "For the public entry of a host (a reverse proxy on 80 and 443) that must answer on every address: exempt that container.",
  about: "pod",
  reads: ({ publishedOn }) => ({ interfaces: forbids(publishedOn) }),
  check: ({ interfaces = [] }) => (interfaces.some((ip) => /^\[?[0:.]*(:ffff:(0\.0\.0\.0|0+:0+))?\]?$/i.test(ip)) ? "publish its ports on one interface, not on all" : undefined),
  examples: {
    docker: { bad: [{ ports: [{ internal: 80, external: 8080, ip: "0.0.0.0" }] }, { ports: [{ internal: 80 }] }, { publishAllPorts: true }], good: { ports: [{ internal: 80, external: 8080, ip: "127.0.0.1" }, { internal: 81, ip: "127.0.0.1" }] } },
    compose: { bad: [{ ports: ["8080:80"] }, { ports: [80] }, { ports: [{ target: 80, published: "8080" }] }, { ports: ["[::]:8080:80/tcp"] }, { ports: [{ target: 80, published: 8080, host_ip: "::0" }] }], good: { ports: ["127.0.0.1:8080-8081:80-81", { target: 80, published: 8082, host_ip: "127.0.0.1" }] } },
  },
});
