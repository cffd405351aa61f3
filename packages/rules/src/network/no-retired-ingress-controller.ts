import { defineRule, exact } from "@bulkhead/core";

const ingressClass = (controller: string) => ({ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "public" }, spec: { controller } });

export default defineRule({
  id: "no-retired-ingress-controller",
  title: "Ingresses are served by a controller that is maintained",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "upgrading", "nist-sp-800-190": "4.5.3", "owasp-kubernetes-2025": "K07" },
  why: "Since March 2026 nobody mends ingress-nginx any more: a flaw that is found in it stays, in the one program of the cluster that everybody outside can reach.",
  remediation: "Move to a Gateway, or to a controller that is maintained; NGINX's own has nginx.org/ingress-controller for a name and is another program.",
  whenNot: "While a move is under way: exempt the class until it is done. Also for builds of ingress-nginx that a vendor still mends.",
  about: "ingressClass",
  options: { controllers: { type: "strings", description: "Controllers that are no longer maintained, as an IngressClass names them.", example: ["k8s.io/ingress-nginx", "example.com/old"], default: ["k8s.io/ingress-nginx"] } },
  reads: ({ controller }) => ({ controller: exact(controller) }),
  check: ({ controller = "" }, { options }) => (options.controllers.includes(controller) ? `be of a controller that is maintained, not ${controller}` : undefined),
  examples: { kubernetes: { on: "document", bad: ingressClass("k8s.io/ingress-nginx"), good: [ingressClass("nginx.org/ingress-controller"), ingressClass("traefik.io/ingress-controller")] } },
});
