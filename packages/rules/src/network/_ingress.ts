import { merge } from "../example-documents";

/** An Ingress that satisfies the whole catalogue, with changes to its spec, and annotations. */
export function ingress(change: { readonly [key: string]: unknown }, annotations?: { readonly [name: string]: string }): { readonly [key: string]: unknown } {
  const good = {
    apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "web", namespace: "shop", ...(annotations === undefined ? {} : { annotations }) },
    spec: { tls: [{ hosts: ["shop.example.com"], secretName: "shop-tls" }], rules: [{ host: "shop.example.com", http: { paths: [] } }] },
  };
  return merge(good, { spec: change }) as { readonly [key: string]: unknown };
}
