import { merge } from "../example-documents";

/** An Ingress that satisfies the whole catalogue, with changes to its spec. */
export function ingress(change: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } {
  const good = {
    apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "web", namespace: "shop" },
    spec: { tls: [{ hosts: ["shop.example.com"], secretName: "shop-tls" }], rules: [{ host: "shop.example.com", http: { paths: [] } }] },
  };
  return merge(good, { spec: change }) as { readonly [key: string]: unknown };
}
