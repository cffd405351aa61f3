/** One exploit for each rule that means something while a container runs. */
export interface Attack {
  /** The rule that finds `bad`, and does not find `fixed`. */
  readonly rule: string;
  readonly what: string;
  /** Inputs of a `docker.Container` beside those that every target has: what the rule is against, and what it asks for. */
  readonly bad: object;
  readonly fixed: object;
  /** A script that ends with 0 where the attack worked. */
  readonly script: string;
}

export interface Host {
  /** A folder of the host with a file `secret` in it. */
  readonly folder: string;
  /** Where the daemon listens. */
  readonly socket: string;
  /** A name in the host's /dev/shm. */
  readonly shared: string;
  /** A port on the host's loopback interface that answers. */
  readonly port: number;
  /** The daemon's process id on the host. */
  readonly daemon: number;
  /** The name of a running container that is attacked from another. */
  readonly victim: string;
}

/** A user that is not root, where the attack is how to become root. */
const user = { user: "10001:10001" };

export function attacks({ folder, socket, shared, port, daemon, victim }: Host): readonly Attack[] {
  return [
    { rule: "no-privileged", what: "mounts a file system", bad: { privileged: true }, fixed: {}, script: "busybox mkdir -p /m && busybox mount -t tmpfs none /m" },
    { rule: "no-privileged", what: "writes a sysctl of the host", bad: { privileged: true }, fixed: {}, script: "cat /proc/sys/kernel/printk_delay > /value 2>/dev/null; cat /value > /proc/sys/kernel/printk_delay" },
    { rule: "no-privileged", what: "reads a disk of the host", bad: { privileged: true }, fixed: {}, script: "busybox mknod /disk b 7 0; busybox dd if=/disk of=/dev/null count=0" },
    { rule: "no-privilege-escalation", what: "becomes root by a setuid program", bad: user, fixed: { ...user, securityOpts: ["no-new-privileges:true"] }, script: "/bin/probe-setuid euid" },
    { rule: "no-root-user", what: "overwrites a program of the image", bad: { user: "0" }, fixed: user, script: "echo x > /bin/probe" },
    { rule: "drop-all-capabilities", what: "gives a file to another user", bad: {}, fixed: { capabilities: { drops: ["ALL"] } }, script: "echo x > /file && busybox chown 5:5 /file" },
    { rule: "drop-net-raw", what: "opens a socket for packets with any sender", bad: {}, fixed: { capabilities: { drops: ["NET_RAW"] } }, script: "probe raw" },
    { rule: "no-dangerous-capabilities", what: "mounts a file system with SYS_ADMIN", bad: { capabilities: { adds: ["SYS_ADMIN"] }, securityOpts: ["apparmor=unconfined"] }, fixed: { securityOpts: ["apparmor=unconfined"] }, script: "busybox mkdir -p /m && busybox mount -t tmpfs none /m" },
    { rule: "only-default-capabilities", what: "sets up an interface with NET_ADMIN", bad: { capabilities: { adds: ["NET_ADMIN"] } }, fixed: {}, script: "busybox ip link add dummy0 type dummy || busybox ip addr add 192.0.2.1/32 dev lo" },
    { rule: "no-unconfined-seccomp", what: "makes a user namespace of its own, the door to most exploits of the kernel", bad: { ...user, securityOpts: ["seccomp=unconfined"] }, fixed: user, script: "busybox unshare -U busybox true" },
    { rule: "no-unmasked-proc", what: "reads the kernel's timers, and writes a sysctl of the host", bad: { securityOpts: ["systempaths=unconfined"] }, fixed: {}, script: "busybox grep -q . /proc/timer_list && echo 0 > /proc/sys/kernel/printk_delay" },
    { rule: "no-host-pid", what: "sees the processes of the host", bad: { pidMode: "host" }, fixed: {}, script: `test "$(cat /proc/${daemon}/comm)" = dockerd` },
    { rule: "no-joined-namespace", what: "sees the processes of another container", bad: { pidMode: `container:${victim}` }, fixed: {}, script: "busybox ps | busybox grep -q '[v]ictim-secret'" },
    { rule: "no-host-ipc", what: "reads shared memory of the host", bad: { ipcMode: "host" }, fixed: { ipcMode: "private" }, script: `cat /dev/shm/${shared}` },
    { rule: "no-host-network", what: "talks to a service on the host's loopback interface", bad: { networkMode: "host" }, fixed: {}, script: `busybox nc -w 2 127.0.0.1 ${port} < /dev/null | busybox grep -q host-service` },
    { rule: "no-host-cgroup-namespace", what: "sees where it stands among the groups of the host", bad: { cgroupnsMode: "host" }, fixed: { cgroupnsMode: "private" }, script: "busybox grep -q docker /proc/self/cgroup" },
    { rule: "no-host-path", what: "writes to the host", bad: { volumes: [{ hostPath: folder, containerPath: "/host" }] }, fixed: {}, script: "echo owned > /host/file" },
    { rule: "read-only-host-mounts", what: "changes what the host reads", bad: { volumes: [{ hostPath: folder, containerPath: "/host" }] }, fixed: { volumes: [{ hostPath: folder, containerPath: "/host", readOnly: true }] }, script: "echo owned > /host/file" },
    { rule: "no-runtime-socket", what: "commands the daemon", bad: { volumes: [{ hostPath: socket, containerPath: "/var/run/docker.sock" }] }, fixed: {}, script: "probe socket /var/run/docker.sock | busybox grep -q '200 OK'" },
    { rule: "no-host-devices", what: "opens a device of the host", bad: { devices: [{ hostPath: "/dev/loop-control", containerPath: "/dev/loop-control" }] }, fixed: {}, script: "busybox dd if=/dev/loop-control of=/dev/null count=0" },
    { rule: "no-device-rules", what: "makes a device that it was not given", bad: { deviceCgroupRules: ["c 10:237 rwm"] }, fixed: {}, script: "busybox mknod /loop-control c 10 237 && busybox dd if=/loop-control of=/dev/null count=0" },
    { rule: "read-only-root-filesystem", what: "leaves a program and runs it", bad: {}, fixed: { readOnly: true }, script: "printf '#!/bin/sh\\nexit 0' > /left && busybox chmod 755 /left && /left" },
    { rule: "no-executable-scratch", what: "runs a program from scratch space", bad: { readOnly: true, tmpfs: { "/tmp": "rw,exec,size=1m" } }, fixed: { readOnly: true, tmpfs: { "/tmp": "rw,noexec,size=1m" } }, script: "printf '#!/bin/sh\\nexit 0' > /tmp/left && busybox chmod 755 /tmp/left && /tmp/left" },
    { rule: "require-scratch-size-limit", what: "fills the host's memory through scratch space", bad: { mounts: [{ type: "tmpfs", target: "/scratch" }] }, fixed: { mounts: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: 1_048_576 } }] }, script: "busybox dd if=/dev/zero of=/scratch/big bs=1M count=80" },
    { rule: "require-memory-limit", what: "takes memory that others need", bad: {}, fixed: { memory: 64, memorySwap: 64 }, script: "probe memory" },
    { rule: "require-open-files-limit", what: "is allowed to open a hundred times as many files as it needs", bad: {}, fixed: { ulimits: [{ name: "nofile", soft: 1024, hard: 1024 }] }, script: "ulimit -n 4097" },
    { rule: "no-volumes-from", what: "reads the data of another container", bad: { volumes: [{ fromContainer: victim }] }, fixed: {}, script: "cat /victim-data/secret" },
    { rule: "no-default-bridge", what: "reaches a container that it has nothing to do with", bad: {}, fixed: { networkMode: "none" }, script: "busybox nc -w 2 VICTIM_ADDRESS 7777 < /dev/null | busybox grep -q victim-secret" },
  ];
}

/** Rules of C2, C4 and C5 about what runs on Docker that no exploit stands for here, and why. */
export const notShown: { readonly [rule: string]: string } = {
  "run-as-non-root": "the same attack as no-root-user: Docker runs what names no user as root",
  "only-allowed-capabilities": "the same attacks as no-dangerous-capabilities and only-default-capabilities",
  "no-low-user-id": "a user of the host with the same id exists only where the host has one",
  "no-low-group-id": "as no-low-user-id",
  "no-root-group": "what the group root may do depends on the image's files",
  "no-root-supplementary-group": "as no-root-group",
  "no-host-user-namespace": "the daemon has no remapped users, so there is none to leave",
  "require-pids-limit": "shown by itself: a fork bomb in docker-components.test.ts",
  "require-seccomp-profile": "Docker applies its profile where none is named",
  "no-unconfined-apparmor": "this kernel has no AppArmor",
  "only-safe-selinux-options": "this kernel has no SELinux",
  "only-safe-sysctls": "the daemon itself refuses a sysctl that is not of a namespace",
  "no-privileged-host-port": "a port below 1024 is taken by the daemon, which is root, before the container runs",
  "no-shared-mount-propagation": "needs a shared mount on the host, which this test must not make",
  "no-device-requests": "no GPU here",
  "only-default-cgroup": "a parent group with no limits is made by the host",
  "require-sandboxed-runtime": "no second runtime is installed",
  "require-cpu-limit": "what a neighbour is slowed down by is a measure of time, not a yes or no",
  "require-user-process-limit": "counts the user over all containers, not one",
  "no-unlimited-ulimits": "the same attack as require-open-files-limit",
  "bounded-restarts": "shown by waiting, not by an exploit",
  "bounded-log-size": "fills the host's disk to be seen",
  "require-log-driver": "what is missing is a record",
  "require-healthcheck": "what is missing is a question",
  "require-init-process": "children that nobody reaps count against the pids limit",
  "no-interactive-terminal": "an open standard input is not an exploit",
  "no-literal-secrets": "read with docker inspect, by whoever may use the daemon",
  "no-secret-arguments": "as no-literal-secrets",
  "no-ssh": "what the image runs is not what Docker allows",
  "no-sudo": "the same attack as no-privilege-escalation",
  "no-piped-download": "needs the internet",
  "no-shell-probe": "a shell in a probe is not an exploit",
  "no-sensitive-host-path": "the same attack as no-host-path",
  "no-container-administrator": "a container of Windows",
  "no-host-aliases": "a name that is answered wrongly needs a client that trusts it",
  "no-volume-credentials": "read with docker volume inspect, by whoever may use the daemon",
  "only-declared-writable-volumes": "which volume may be written is the program's to say",
  "no-plugin-grant-all": "needs a plugin from a registry",
  "no-plugin-host-grants": "needs a plugin from a registry",
  "no-host-port": "of services of a swarm, which is not set up here",
  "required-labels": "what is missing is a record",
};
