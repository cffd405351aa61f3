import type { NamedPod } from "./pods.ts";

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

type Bag = { [key: string]: unknown };
type Tweak = (target: Bag) => void;

const security = (change: Bag): Tweak => (target) => {
  target["securityContext"] = { ...(target["securityContext"] as Bag | undefined), ...change };
};
const set = (change: Bag): Tweak => (target) => Object.assign(target, change);
const each = (key: string, values: readonly unknown[]): readonly Tweak[] => values.map((value) => security({ [key]: value }));

/** What a pod's and a container's security context have in common. */
const shared: readonly Tweak[] = [
  ...each("runAsNonRoot", [true, false, null]), ...each("runAsUser", [0, 1, 1000, null]),
  ...each("seccompProfile", [{ type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "x" }, { type: "Unconfined" }, null]),
  ...each("appArmorProfile", [{ type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "x" }, { type: "Unconfined" }]),
  ...each("seLinuxOptions", [{}, { type: "container_t" }, { type: "container_engine_t" }, { type: "spc_t" }, { user: "u" }, { role: "r" }, { level: "s0" }, { type: "", user: "" }]),
  ...each("windowsOptions", [{ hostProcess: true }, { hostProcess: false }, { runAsUserName: "x" }]),
];

const capability = ["ALL", "NET_BIND_SERVICE", "CHOWN", "NET_RAW", "SYS_ADMIN", "CAP_CHOWN", "chown", "AUDIT_WRITE", "SETPCAP"];
const probe = (action: Bag): readonly Tweak[] => [
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((name) => set({ [name]: action })), set({ lifecycle: { preStop: action } }), set({ lifecycle: { postStart: action } }),
];

const container: readonly Tweak[] = [
  ...shared, ...each("privileged", [true, false]), ...each("allowPrivilegeEscalation", [true, false, null]), ...each("procMount", ["Default", "Unmasked"]), security({ readOnlyRootFilesystem: true }),
  ...capability.flatMap((name) => [security({ capabilities: { drop: ["ALL"], add: [name] } }), security({ capabilities: { drop: [name] } })]), security({ capabilities: {} }), security({ capabilities: null }),
  set({ ports: [{ containerPort: 80 }] }), set({ ports: [{ containerPort: 80, hostPort: 0 }] }), set({ ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] }),
  ...probe({ httpGet: { port: 80 } }), ...probe({ httpGet: { port: 80, host: "127.0.0.1" } }), ...probe({ tcpSocket: { port: 80, host: "10.0.0.1" } }), ...probe({ tcpSocket: { port: 80, host: "" } }),
  set({ securityContext: null }), set({ securityContext: {} }),
];

const volume = (source: Bag): Tweak => (target) => {
  target["volumes"] = [...((target["volumes"] as readonly unknown[] | undefined) ?? []), { name: `v${((target["volumes"] as readonly unknown[] | undefined) ?? []).length}`, ...source }];
};
const sysctl = (...names: readonly string[]): Tweak => security({ sysctls: names.map((name) => ({ name, value: "1" })) });

const pod: readonly Tweak[] = [
  ...shared, ...["hostNetwork", "hostPID", "hostIPC", "hostUsers"].flatMap((key) => [set({ [key]: true }), set({ [key]: false })]),
  set({ os: { name: "windows" } }), set({ os: { name: "linux" } }), set({ shareProcessNamespace: true }), set({ securityContext: null }),
  volume({}), volume({ emptyDir: {} }), volume({ hostPath: { path: "/x" } }), volume({ nfs: { server: "s", path: "/" } }), volume({ configMap: { name: "c" } }), volume({ image: { reference: "x" } }), volume({ gitRepo: { repository: "x" } }), volume({ persistentVolumeClaim: { claimName: "c" } }), volume({ projected: { sources: [] } }),
  sysctl(), sysctl("net.ipv4.tcp_syncookies"), sysctl("net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem"), sysctl("kernel.msgmax"), sysctl("net.ipv4.tcp_syncookies", "net.core.somaxconn"),
];

const annotations: readonly Bag[] = ["runtime/default", "localhost/x", "unconfined", ""].map((value) => ({ "container.apparmor.security.beta.kubernetes.io/main": value }));

/** Pods from the least that the restricted level allows, each with a few changes anywhere; the same ones for the same seed. */
export function generatePods(count: number, seed: number): readonly NamedPod[] {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const minimal = (name: string): Bag => ({ name, image: "x", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } });
  return Array.from({ length: count }, (_, index) => {
    const spec: Bag = { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, containers: [minimal("main")] };
    const all = [(spec["containers"] as Bag[])[0] as Bag];
    for (const [list, role] of [["initContainers", "init"], ["ephemeralContainers", "debug"]] as const) {
      if (next() > 0.3) continue;
      const extra = minimal(role);
      if (role === "init" && next() < 0.5) extra["restartPolicy"] = "Always";
      spec[list] = [extra];
      all.push(extra);
    }
    for (let changes = Math.floor(next() * 5); changes > 0; changes--) {
      if (next() < 0.45) pick(pod)(spec);
      else pick(container)(pick(all));
    }
    return { name: `seed ${seed}, pod ${index}`, metadata: next() < 0.1 ? { annotations: pick(annotations) } : {}, spec };
  });
}
