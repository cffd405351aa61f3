import { createHash } from "node:crypto";
import { ArgumentError, describe } from "../arguments/argument-error";
import type { Reader } from "../arguments/shape";
import { matching } from "../arguments/shape";

/** The longest name of a CronJob, from which its jobs' names are made. */
const longest = 52;

/** RFC 1035, as a Service has to be called. */
const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** The name of a component is that of its objects. */
export function objectName(name: unknown, what: string): string {
  if (typeof name !== "string" || !label.test(name) || name.length > longest) throw new ArgumentError(`${what}: name`, `a name of at most ${longest} lower-case letters, digits and dashes that begins with a letter`, describe(name));
  return name;
}

/** RFC 1123 label. */
export const labelName = matching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "a name of at most 63 lower-case letters, digits and dashes");
/** RFC 1123 subdomain. */
export const subdomain = matching(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, "a name of lower-case letters, digits, dashes and dots");
/** IANA_SVC_NAME, with a letter. */
export const portName = matching(/^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/, "a name of at most 15 lower-case letters, digits and dashes, with a letter");
export const variableName = matching(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, "a variable's name");
export const dataKey = matching(/^[-._a-zA-Z0-9]{1,253}$/, "a key of letters, digits, dashes, dots and underscores");
export const labelValue = matching(/^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, "a label's value");
const qualified = matching(/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, "a key such as example.com/team");

/** Labels that the components set, by which they find their pods. */
export const nameLabel = "app.kubernetes.io/name";
export const componentLabel = "app.kubernetes.io/component";

export const labelKey: Reader<string> = (value, path) => {
  const key = qualified(value, path);
  if (key === nameLabel || key === componentLabel) throw new ArgumentError(path, "another key, as pods are selected by this one", key);
  return key;
};

/** Annotations that would take the posture back, or would exempt without a weakening. */
const reserved = /^(container\.apparmor\.security\.beta\.kubernetes\.io|(container\.)?seccomp\.security\.alpha\.kubernetes\.io|exempt\.bulkhead\.dev)\/|^seccomp\.security\.alpha\.kubernetes\.io$/;
/** What CRI-O, under its old and its new names, and crun take from a pod's annotations: its seccomp profile, user namespace, devices, cgroup. Those of its processors' pace are left. */
const ofRuntimes = /^io\.kubernetes\.cri-o\.|^seccomp-profile\.kubernetes\.cri-o\.io(\/|$)|^(seccomp-profile|seccomp-notifier-action|userns-mode|devices|unified-cgroup|cgroup2-mount-hierarchy-rw|try-skip-volume-selinux-label|disable-fips|platform-runtime-path|spoofed)\.crio\.io(\/|$)|^run\.oci\./;

export const annotationKey: Reader<string> = (value, path) => {
  const key = qualified(value, path);
  if (reserved.test(key) || ofRuntimes.test(key)) throw new ArgumentError(path, "an annotation that leaves the posture as it is", key);
  return key;
};

/** A part of a name from a path: `/data` becomes `data`. Any other path gets a hash, as `/a/b` and `/a-b` read alike. */
export function slug(path: string): string {
  if (/^\/[a-z0-9]{1,30}$/.test(path)) return path.slice(1);
  const plain = path.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase();
  return `${plain.slice(0, 20)}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`.replace(/^-/, "");
}
