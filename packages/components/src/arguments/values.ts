import { ArgumentError, describe } from "./argument-error";
import type { Reader } from "./shape";
import { integer, matching } from "./shape";

const factors: { readonly [suffix: string]: number } = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const sizePattern = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)$/;

/** The least memory that the Docker daemon takes, in bytes. */
const leastMemory = 6 * 2 ** 20;

/** An amount of bytes as a Kubernetes quantity with a unit: `128Mi`, `1.5Gi`, `500M`. A number without a unit would be bytes on one platform and mebibytes on the other. */
export const size: Reader<string> = (value, path) => {
  if (typeof value !== "string" || !sizePattern.test(value)) throw new ArgumentError(path, "an amount with its unit, such as 128Mi or 1Gi", describe(value));
  return value;
};

export const memory: Reader<string> = (value, path) => {
  const amount = size(value, path);
  if (bytesOf(amount) < leastMemory) throw new ArgumentError(path, "at least 6Mi", describe(value));
  return amount;
};

export function bytesOf(amount: string): number {
  const [, number = "", suffix = ""] = sizePattern.exec(amount) ?? [];
  return Math.floor(Number(number) * (factors[suffix] ?? Number.NaN));
}

/** Docker's resource takes mebibytes as a whole number; what is left over is rounded down, so that the limit is never above what was asked for. */
export function mebibytesOf(amount: string): number {
  return Math.floor(bytesOf(amount) / 2 ** 20);
}

/** CPU as a Kubernetes quantity: `500m`, `0.5` or `2`. */
export const cpu: Reader<string> = (value, path) => {
  if (typeof value !== "string" || !/^(\d+m|\d+(\.\d{1,3})?)$/.test(value) || coresOf(value) < 0.01) throw new ArgumentError(path, "an amount of CPU of at least 10m, such as 500m or 0.5", describe(value));
  return value;
};

export function coresOf(amount: string): number {
  return amount.endsWith("m") ? Number(amount.slice(0, -1)) / 1000 : Number(amount);
}

/** A user or group id: 0 is an argument of its own, with a reason. */
export const nonRootId = integer(1, 2 ** 32 - 2);

export const port = integer(1, 65_535);

/** The reference grammar decides what a name may be; here only what cannot be one is refused. */
export const image = matching(/^[a-z0-9A-Z][^\s]*$/, "an image reference such as registry.example.com/app:1.4.2@sha256:...");

/** A path in one spelling: `/tmp/`, `//tmp` and `/./tmp` are `/tmp`. */
export const absolutePath: Reader<string> = (value, path) => {
  if (typeof value !== "string" || !value.startsWith("/") || value.split("/").includes("..") || value.includes(",") || value.includes(":")) throw new ArgumentError(path, "an absolute path inside the container, such as /tmp", describe(value));
  const parts = value.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 0) throw new ArgumentError(path, "a path below the root of the container", describe(value));
  return `/${parts.join("/")}`;
};

/** `man 7 capabilities`, as of Linux 6.x. */
export const capabilities: readonly string[] = [
  "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
  "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
  "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
];

/** The capabilities with which a container is as good as privileged, or leaves its namespaces: use the raw resource for those. */
export const hostCapabilities: readonly string[] = ["BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "NET_ADMIN", "PERFMON", "SYS_ADMIN", "SYS_BOOT", "SYSLOG", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME"];

export const capability: Reader<string> = (value, path) => {
  const name = typeof value === "string" ? value.replace(/^CAP_/, "") : undefined;
  if (name === "ALL") throw new ArgumentError(path, "a single capability", "ALL, which a hardened container never has");
  if (name === undefined || !capabilities.includes(name)) throw new ArgumentError(path, "a capability of Linux such as NET_BIND_SERVICE", describe(value));
  if (hostCapabilities.includes(name)) throw new ArgumentError(path, "a capability that leaves the container isolated from the host", `${name}; use the raw resource, with an exemption, for what needs it`);
  return name;
};
