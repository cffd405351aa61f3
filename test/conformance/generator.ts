import type { NamedPod } from "./evaluator.ts";
import { type Bag, others, type Tweak, tweaks } from "./tweaks.ts";

/** A seeded sequence of numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The roles of containers besides the main one, each with the list that holds it. */
const roles: readonly (readonly [string, Bag])[] = [["initContainers", { name: "init" }], ["initContainers", { name: "sidecar", restartPolicy: "Always" }], ["ephemeralContainers", { name: "debug" }], ["containers", { name: "second" }]];

const minimal = (more: Bag): Bag => ({ image: "x", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } }, ...more });

/**
 * Pods from the least that the restricted level allows, on Linux or on Windows, each with a few changes anywhere; the
 * same ones for the same seed. Two changes of each pod are the turns of two checks, so that every check is met often.
 */
export function generatePods(count: number, seed: number): readonly NamedPod[] {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const families = Object.values(tweaks);
  const anyTweak = (): Tweak => (next() < 0.25 ? pick(others) : pick(pick(families)[next() < 0.5 ? "bad" : "good"]));
  return Array.from({ length: count }, (_, index) => {
    const onWindows = next() < 0.06;
    const metadata: Bag = { name: "a" };
    const spec: Bag = onWindows
      ? { os: { name: "windows" }, securityContext: { runAsNonRoot: true }, containers: [{ name: "main", image: "x" }] }
      : { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, containers: [minimal({ name: "main" })] };
    const containers = [...(spec["containers"] as Bag[])];
    for (const [list, role] of roles) {
      if (next() > 0.2) continue;
      const extra = minimal(role);
      spec[list] = [...((spec[list] as Bag[] | undefined) ?? []), extra];
      containers.push(extra);
    }
    const turns = [families[index % families.length], families[(index * 7 + 3) % families.length]].flatMap((family) => (family === undefined || next() < 0.1 ? [] : [pick(family.bad)]));
    for (const { on, change } of [...turns, ...Array.from({ length: Math.floor(next() * 3) }, anyTweak)]) change(on === "pod" ? spec : on === "container" ? pick(containers) : metadata);
    return { name: `seed ${seed}, pod ${index}`, metadata, spec };
  });
}
