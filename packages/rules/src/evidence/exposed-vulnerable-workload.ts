import type { EvidencedImage, Field, Path, RunImage, Surroundings } from "@bulkhead/core";
import { defineRule, forbids, requires } from "@bulkhead/core";
import { imageOf } from "../example-evidence";
import { scannedImage, severeVulnerabilities, vulnerabilityOptions } from "./_vulnerabilities";

const shown = 3;

/** The images of a workload with their scans. What is known of one counts, whatever is not known of the others. */
function scannedImages(images: Field<readonly RunImage[]>, surroundings: Surroundings): Field<readonly EvidencedImage[]> {
  if (images.state !== "value") return images as Field<never>;
  const fields = images.value.map((image) => scannedImage(image, surroundings));
  const unsupported = fields.find(({ state }) => state === "unsupported");
  if (unsupported !== undefined) return { ...(unsupported as Field<never>), path: images.path };
  const open = fields.find((field) => field.state === "unknown");
  const reason = open?.state === "unknown" ? open.reason : images.reason;
  const partial = open !== undefined || images.partial === true ? { partial: true, ...(reason === undefined ? {} : { reason }) } : {};
  return { state: "value", value: fields.flatMap((field) => (field.state === "value" ? [field.value] : [])), path: images.path, to: () => undefined, ...partial };
}

const none = ({ path }: { readonly path: Path }): Field<readonly never[]> => ({ state: "value", value: [], path, to: () => undefined });

const service = (spec: object) => ({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }], ...spec } });
const entry = (kind: string, spec: object) => ({ apiVersion: kind === "Ingress" ? "networking.k8s.io/v1" : "gateway.networking.k8s.io/v1", kind, metadata: { name: "web", namespace: "shop" }, spec });
const ingress = entry("Ingress", { tls: [{ hosts: ["shop.example.com"] }], rules: [{ host: "shop.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }] } }] });
const route = entry("HTTPRoute", { parentRefs: [{ name: "gateway" }], rules: [{ backendRefs: [{ name: "web", port: 80 }] }] });
const pod = (image: string, more: object = {}, podMore: object = {}) => ({ spec: { template: { spec: { containers: [{ name: "web", image, ...more }], ...podMore } } } });
const vulnerable = imageOf("vulnerable");
const services = (map: object) => ({ project: { properties: { services: map } } });

export default defineRule({
  id: "exposed-vulnerable-workload",
  title: "What is reached from outside has no severe vulnerability",
  severity: "critical",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.4.4", "owasp-kubernetes-2025": "K06" },
  why: "A known vulnerability behind a port that anybody reaches is found by scanners of the whole address space within hours; of all that wait to be mended these come first.",
  remediation: "Update the package or the base image and scan again; until then take the workload off the outside: a Service of type ClusterIP, a published port on 127.0.0.1, or a proxy before it.",
  whenNot: "Where the outside is a private network (an internal load balancer, node ports behind a firewall) and the vulnerability cannot be reached: accept it in acceptedRisks. Outside is a Service of type NodePort or LoadBalancer or with external addresses, an Ingress, a route of the Gateway API, a port of the host or its network, and on Docker a published port that is not on the loopback. Other ways in (custom resources of a mesh or an ingress controller) are not known: beside them a workload is undecided.",
  about: ["workload", "attachment"],
  inventory: true,
  options: vulnerabilityOptions,
  // What is not reached needs no evidence, and without a lockfile it does not matter who is reached.
  reads: (workload, inventory, surroundings) => {
    const images = scannedImages(workload.images, surroundings);
    const exposures = images.state === "unsupported" ? none(workload.exposures) : inventory.exposures(workload);
    const isHidden = images.state !== "unsupported" && exposures.state === "value" && exposures.value.length === 0;
    return { images: forbids(isHidden ? none(workload.images) : images), exposures: requires(exposures) };
  },
  check: ({ images = [], exposures }, { options, now = 0 }) => {
    if (exposures !== undefined && exposures.length === 0) return undefined;
    for (const image of images) {
      const severe = severeVulnerabilities(image, options, now);
      if (severe === undefined) continue;
      const ways = exposures ?? [];
      const more = ways.length > shown ? ` and ${ways.length - shown} more` : "";
      return `${severe.must}, being reached from outside by ${ways.slice(0, shown).join(", ")}${more}: ${severe.because}`;
    }
    return undefined;
  },
  examples: {
    kubernetes: [
      {
        bad: [
          { web: pod(vulnerable), service: service({ type: "NodePort" }) },
          { web: pod(vulnerable), service: service({ type: "LoadBalancer" }) },
          { web: pod(vulnerable), service: service({ externalIPs: ["192.0.2.1"] }) },
          { web: pod(vulnerable), service: service({}), ingress },
          { web: pod(vulnerable), service: service({}), route },
          { web: pod(vulnerable, { ports: [{ containerPort: 8080, hostPort: 8080 }] }) },
        ],
        good: [
          { web: pod(vulnerable), service: service({}) },
          { web: pod(imageOf("good")), service: service({ type: "NodePort" }) },
          { web: pod(imageOf("good")), db: pod(vulnerable), service: service({}), ingress },
        ],
      },
      { within: ["no-metadata-egress"], bad: { web: pod(vulnerable, {}, { hostNetwork: true }) }, good: { web: pod(imageOf("good")) } },
    ],
    docker: {
      bad: [{ web: { properties: { image: vulnerable } } }, { api: { properties: { image: vulnerable, ports: [{ internal: 8080 }] } } }, { api: { properties: { image: vulnerable, networksAdvanced: null, networkMode: "host" } } }],
      good: [{ api: { properties: { image: vulnerable } } }, { api: { properties: { image: vulnerable, ports: [{ internal: 8080, ip: "127.0.0.1" }] } } }, { web: { properties: { image: imageOf("good") } } }],
    },
    compose: {
      bad: [services({ web: { image: vulnerable } }), services({ api: { image: vulnerable, ports: ["8080"] } }), services({ api: { image: vulnerable, networks: null, network_mode: "host" } })],
      good: [services({ api: { image: vulnerable } }), services({ api: { image: vulnerable, ports: ["127.0.0.1:8080:8080"] } }), services({ web: { image: imageOf("good") } })],
    },
  },
});
