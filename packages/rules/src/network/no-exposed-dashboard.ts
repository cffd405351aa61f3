import { defineRule, forbids } from "@bulkhead/core";
import { ingress } from "./_ingress";

const service = (type: string, name: string, selector: { readonly [label: string]: string }) => ({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec: { type, selector, ports: [{ port: 443 }] } });
const dashboards = ["kubernetes-dashboard", "kubernetes-dashboard-kong-proxy", "kubernetes-dashboard-web", "longhorn-frontend", "longhorn-ui", "rook-ceph-mgr-dashboard", "tekton-dashboard", "traefik-dashboard", "weave-scope-app"];
const rule = (name: string) => ingress({ rules: [{ host: "shop.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { number: 443 } } } }] } }] });

export default defineRule({
  id: "no-exposed-dashboard",
  title: "Dashboards of the cluster cannot be reached from outside",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.3.1", "owasp-kubernetes-2025": "K06" },
  why: "A dashboard acts with the rights of an administrator, some without asking who calls: those that were open to the internet were how whole clusters were taken over.",
  remediation: "Keep it at ClusterIP, lead no Ingress to it, and reach it by kubectl port-forward or through a proxy that asks who calls.",
  whenNot: "Where a proxy in front of it asks who calls, by single sign-on: exempt what leads there.",
  about: ["service", "ingress"],
  overlaps: ["only-cluster-services"],
  options: { names: { type: "strings", description: "Names of the Services, or of the apps that they select, that nobody outside may reach.", example: ["kubernetes-dashboard", "hubble-ui"], default: dashboards } },
  reads: ({ exposed }) => ({ exposed: forbids(exposed) }),
  check({ exposed = [] }, { options }) {
    const found = exposed.filter((name) => options.names.includes(name)).sort();
    return found.length > 0 ? `not be a way from outside of the cluster to ${found.join(", ")}` : undefined;
  },
  examples: {
    kubernetes: {
      on: "document",
      bad: [service("NodePort", "kubernetes-dashboard", { "k8s-app": "kubernetes-dashboard" }), service("LoadBalancer", "board", { "app.kubernetes.io/name": "kubernetes-dashboard" }), rule("kubernetes-dashboard-kong-proxy")],
      good: [service("ClusterIP", "kubernetes-dashboard", { "k8s-app": "kubernetes-dashboard" }), rule("web")],
    },
  },
});
