export type Bag = { [key: string]: unknown };

/** A change to a pod's metadata, to its spec or to one of its containers. */
export interface Tweak {
  readonly on: "metadata" | "pod" | "container";
  readonly change: (target: Bag) => void;
}

const set = (on: Tweak["on"], change: Bag): Tweak => ({ on, change: (target) => Object.assign(target, structuredClone(change)) });
const secure = (on: Tweak["on"], change: Bag): Tweak => ({
  on,
  change: (target) => {
    target["securityContext"] = { ...(target["securityContext"] as Bag | undefined), ...structuredClone(change) };
  },
});
const pod = (...changes: readonly Bag[]): readonly Tweak[] => changes.map((change) => set("pod", change));
const container = (...changes: readonly Bag[]): readonly Tweak[] => changes.map((change) => set("container", change));
/** In the security context of containers. */
const own = (...changes: readonly Bag[]): readonly Tweak[] => changes.map((change) => secure("container", change));
/** In the security context of the pod. */
const shared = (...changes: readonly Bag[]): readonly Tweak[] => changes.map((change) => secure("pod", change));
const both = (...changes: readonly Bag[]): readonly Tweak[] => [...own(...changes), ...shared(...changes)];
const annotation = (...values: readonly string[]): readonly Tweak[] => values.map((value) => set("metadata", { annotations: { "container.apparmor.security.beta.kubernetes.io/main": value, "example.com/a": "b" } }));

function volume(...sources: readonly Bag[]): readonly Tweak[] {
  return sources.map((source) => ({
    on: "pod",
    change: (target) => {
      const before = (target["volumes"] as readonly unknown[] | undefined) ?? [];
      target["volumes"] = [...before, { name: `v${before.length}`, ...structuredClone(source) }];
    },
  }));
}
const empty = (...names: readonly string[]): readonly Bag[] => names.map((name) => ({ [name]: {} }));

function sysctls(...lists: readonly (readonly string[])[]): readonly Tweak[] {
  return shared(...lists.map((names) => ({ sysctls: names.map((name) => ({ name, value: "1" })) })));
}
const safe = ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"];
/** Safe at some versions only. */
const later = [
  "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
];

const handlers = (...actions: readonly Bag[]): readonly Tweak[] => actions.flatMap((action) => [
  ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((name) => container({ [name]: action })), ...container({ lifecycle: { preStop: action } }, { lifecycle: { postStart: action } }),
]);
const adding = (...lists: readonly (readonly string[])[]): readonly Tweak[] => own(...lists.map((add) => ({ capabilities: { drop: ["ALL"], add } })));
const ports = (...lists: readonly (readonly Bag[])[]): readonly Tweak[] => container(...lists.map((list) => ({ ports: list })));
const windows = (...options: readonly (Bag | null)[]): readonly Tweak[] => both(...options.map((windowsOptions) => ({ windowsOptions })));
const seLinux = (...options: readonly (Bag | null)[]): readonly Tweak[] => both(...options.map((seLinuxOptions) => ({ seLinuxOptions })));
const localhost = { type: "Localhost", localhostProfile: "x" };

/** For each check of the standards, changes that it forbids, and changes of the same settings that it allows, some of them at later versions only. */
export const tweaks: { readonly [check: string]: { readonly bad: readonly Tweak[]; readonly good: readonly Tweak[] } } = {
  privileged: { bad: own({ privileged: true }), good: own({ privileged: false }, { privileged: null }) },
  capabilities_baseline: {
    bad: adding(["NET_RAW"], ["SYS_ADMIN"], ["ALL"], ["CAP_CHOWN"], ["chown"], ["CHOWN", "NET_ADMIN"], [""]),
    good: adding([], ["CHOWN"], ["AUDIT_WRITE", "SETPCAP"], ["MKNOD"], ["NET_BIND_SERVICE"], ["SYS_CHROOT", "KILL"]),
  },
  hostNamespaces: {
    bad: pod({ hostNetwork: true }, { hostPID: true }, { hostIPC: true }),
    good: pod({ hostNetwork: false }, { hostPID: false }, { hostIPC: false }, { hostNetwork: null }, { shareProcessNamespace: true }),
  },
  hostPathVolumes: { bad: volume({ hostPath: { path: "/x" } }, { hostPath: { path: "/", type: "Directory" } }, { hostPath: {} }), good: volume({ hostPath: null, emptyDir: {} }, {}, { emptyDir: {} }) },
  allowPrivilegeEscalation: { bad: own({ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: null }), good: own({ allowPrivilegeEscalation: false }) },
  capabilities_restricted: {
    bad: [...own({ capabilities: null }, { capabilities: {} }, { capabilities: { drop: ["CHOWN"] } }, { capabilities: { drop: ["all"] } }, { capabilities: { add: ["NET_BIND_SERVICE"] } }), ...adding(["CHOWN"], ["NET_BIND_SERVICE", "KILL"])],
    good: [...own({ capabilities: { drop: ["NET_RAW", "ALL"] } }), ...adding(["NET_BIND_SERVICE"])],
  },
  runAsNonRoot: { bad: both({ runAsNonRoot: false }, { runAsNonRoot: null }), good: both({ runAsNonRoot: true }) },
  runAsUser: { bad: both({ runAsUser: 0 }), good: both({ runAsUser: 1 }, { runAsUser: 10001 }, { runAsUser: null }) },
  seccompProfile_baseline: { bad: both({ seccompProfile: { type: "Unconfined" } }, { seccompProfile: {} }), good: both({ seccompProfile: { type: "RuntimeDefault" } }, { seccompProfile: localhost }) },
  seccompProfile_restricted: { bad: both({ seccompProfile: null }, { seccompProfile: { type: "Unconfined" } }), good: both({ seccompProfile: { type: "RuntimeDefault" } }, { seccompProfile: localhost }) },
  appArmorProfile: {
    bad: [...both({ appArmorProfile: { type: "Unconfined" } }), ...annotation("unconfined", "bogus"), ...both({ appArmorProfile: {} })],
    good: [...both({ appArmorProfile: { type: "RuntimeDefault" } }, { appArmorProfile: localhost }, { appArmorProfile: null }), ...annotation("runtime/default", "localhost/x", "")],
  },
  seLinuxOptions: {
    bad: seLinux({ type: "spc_t" }, { user: "u" }, { role: "r" }, { type: "container_t", user: "system_u" }),
    good: seLinux({}, null, { type: "container_t" }, { type: "container_init_t" }, { type: "container_kvm_t" }, { type: "container_engine_t" }, { level: "s0" }, { type: "", user: "", role: "" }),
  },
  procMount: { bad: own({ procMount: "Unmasked" }, { procMount: "" }), good: own({ procMount: "Default" }, { procMount: null }) },
  procMount_restricted: { bad: own({ procMount: "Unmasked" }), good: own({ procMount: "Default" }) },
  sysctls: { bad: sysctls(["kernel.msgmax"], ["net.core.somaxconn", ...safe], ["kernel/shm_rmid_forced"], ["net.ipv4.ip_forward"], ["vm.swappiness", ...later]), good: sysctls([], ...[...safe, ...later].map((name) => [name]), safe, later) },
  windowsHostProcess: { bad: windows({ hostProcess: true }), good: windows({ hostProcess: false }, { runAsUserName: "x" }, null) },
  hostPorts: { bad: ports([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }]), good: ports([{ containerPort: 80 }], [{ containerPort: 80, hostPort: 0 }], []) },
  hostProbesAndHostLifecycle: {
    bad: handlers({ httpGet: { port: 80, host: "127.0.0.1" } }, { tcpSocket: { port: 80, host: "10.0.0.1" } }),
    good: handlers({ httpGet: { port: 80 } }, { tcpSocket: { port: 80, host: "" } }, { exec: { command: ["true"] } }),
  },
  restrictedVolumes: {
    bad: volume(...empty("nfs", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "iscsi", "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos", "hostPath")),
    good: volume(...empty("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret")),
  },
};

/** Changes that no check is about alone, and on which several depend. */
export const others: readonly Tweak[] = [
  ...pod({ hostUsers: false }, { hostUsers: false }, { hostUsers: true }, { os: { name: "windows" } }, { os: { name: "linux" } }, { securityContext: null }, { securityContext: {} }),
  ...container({ securityContext: null }, { securityContext: {} }), ...own({ readOnlyRootFilesystem: true }), ...shared({ fsGroup: 1 }),
];
