import type { Field, Path } from "../field";
import { known, knownValue, unknown } from "../field";
import type { RunImage } from "../inventory/members";
import type { Image, Pod, Subject } from "../model/subject";

/** The images that containers run, as far as they are known; `open` where there are, or may be, others, and why. */
export function runImages(subjects: readonly Subject[], path: Path, open: boolean | string = false): Field<readonly RunImage[]> {
  const images = subjects.filter((subject): subject is Image => subject.about === "image" && subject.use === "run").map(({ registry, version }) => ({ registry, version }));
  const reason = typeof open === "string" ? { reason: open } : {};
  return { ...known(images, path), ...(open === false ? {} : { partial: true, ...reason }) };
}

/**
 * How containers are reached by settings of their own: on the network of their host, or by a port. What joins another
 * container's network is reached as that one is.
 */
export function ownExposures({ hostNetwork, joinedNetwork }: Pick<Pod, "hostNetwork" | "joinedNetwork">, ports: Field<readonly string[]>): Field<readonly string[]> {
  if (knownValue(hostNetwork) === true) return known(["the network of its host"], hostNetwork.path);
  const ways = knownValue(ports) ?? [];
  if (ways.length > 0) return known(ways, ports.path);
  if (joinedNetwork.state === "value") return unknown(joinedNetwork.path, "is the network of another container, and reached as that is");
  const unsure = [hostNetwork, joinedNetwork].find(({ state }) => state === "unknown" || state === "unsupported") ?? (ports.state !== "value" || ports.partial === true ? ports : undefined);
  if (unsure?.state === "unset" || unsure === undefined) return known([], ports.path);
  return unknown(unsure.path, unsure.state === "unknown" || unsure.state === "unsupported" ? unsure.reason : undefined);
}

const loopback = /^\[?(127(\.\d{1,3}){3}|::1|(0{1,4}:){7}0{0,3}1|::ffff:127(\.\d{1,3}){3}|localhost)\]?$/i;

/** Interfaces that ports are published on, but for the loopback, which only the host itself reaches. */
export function publishedPorts(interfaces: Field<readonly string[]>): Field<readonly string[]> {
  if (interfaces.state === "unsupported") return known(["a port that is published on every interface"], interfaces.path);
  if (interfaces.state !== "value") return interfaces;
  const outer = [...new Set(interfaces.value.filter((ip) => !loopback.test(ip)))].map((ip) => `a port that is published on ${ip === "" ? "0.0.0.0" : ip}`);
  return { ...known(outer, interfaces.path), ...(interfaces.partial === true ? { partial: true } : {}) };
}

/** Ports of the host that containers take; 0 is none. */
export function takenPorts(subjects: readonly Subject[], path: Path, open = false): Field<readonly string[]> {
  const lists = subjects.flatMap((subject) => (subject.about === "container" ? [subject.hostPorts] : []));
  const ports = lists.flatMap((list) => knownValue(list) ?? []).filter((port) => port !== 0);
  const isOpen = open || lists.some((list) => list.state === "unknown" || list.state === "unsupported" || (list.state === "value" && list.partial === true));
  return { ...known(ports.map((port) => `port ${port} of its host`), path), ...(isOpen ? { partial: true } : {}) };
}
