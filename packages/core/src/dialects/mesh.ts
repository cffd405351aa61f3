import type { Field } from "../field";
import { elsewhere, isObject, known, unknown, unset, unsupported } from "../field";
import type { PeerAuthentication, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, isUnset, stringField } from "../node";
import { quoted } from "./common";

const inherited = "is inherited from the PeerAuthentication of the namespace or of the mesh, and accepts plain text where those say nothing";

/** https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export function peerAuthenticationSubject(root: Node, resource: Resource): PeerAuthentication {
  return { about: "peerAuthentication", resource, label: quoted(resource), path: root.path, modes: modesOf(at(root, "spec")) };
}

/** A port whose mode is unset has that of the others. */
function modesOf(spec: Node): Field<readonly string[]> {
  const own = stringField(at(spec, "mtls", "mode"));
  const map = at(spec, "portLevelMtls");
  const ports = isObject(map.value) ? Object.keys(map.value).map((port) => stringField(at(map, port, "mode"))) : [];
  const values = [own, ...ports].flatMap((mode) => (mode.state === "value" && mode.value !== "UNSET" ? [mode.value] : []));
  const weak = [own, ...ports].find((mode) => mode.state === "value" && mode.value !== "UNSET" && mode.value !== "STRICT");
  const path = weak?.path ?? own.path;
  const isInherited = own.state === "unset" || (own.state === "value" && own.value === "UNSET");
  const open = [own, ...ports].find(({ state }) => state === "unknown") ?? (!isUnset(map) && !isObject(map.value) ? map : undefined);
  if (weak === undefined && open !== undefined) return unknown(open.path);
  if (weak === undefined && own.state === "unsupported") return unsupported(own.path, own.reason);
  if (weak === undefined && isInherited) return elsewhere(path, inherited);
  return { ...known(values, path), ...(open !== undefined || isInherited ? { partial: true } : {}) };
}

/** Labels, and an annotation, of a namespace by which a mesh takes in its pods: istio.io "Sidecar injection" and "Ambient", linkerd.io "Automatic Proxy Injection". */
export function meshOf(metadata: Node): Field<string> {
  const [labels, annotations] = [at(metadata, "labels"), at(metadata, "annotations")];
  const signs = [
    ["Istio", stringField(at(labels, "istio-injection")), (value: string) => value === "enabled"],
    ["Istio", stringField(at(labels, "istio.io/dataplane-mode")), (value: string) => value === "ambient"],
    ["Istio", stringField(at(labels, "istio.io/rev")), () => true],
    ["Linkerd", stringField(at(annotations, "linkerd.io/inject")), (value: string) => value === "enabled" || value === "ingress"],
  ] as const;
  for (const [mesh, sign, takesIn] of signs) if (sign.state === "value" && takesIn(sign.value)) return known(mesh, sign.path);
  const open = signs.map(([, sign]) => sign).find(({ state }) => state === "unknown");
  return open === undefined ? unset(labels.path) : unknown(open.path);
}
