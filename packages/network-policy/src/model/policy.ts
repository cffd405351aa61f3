/** networking.k8s.io/v1 NetworkPolicy, the fields that decide. */
export interface Selector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; readonly values?: readonly string[] }[];
}

export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

/** Either `ipBlock`, or selectors: both selectors in one peer mean pods of these namespaces. */
export interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: IpBlock;
}

export interface PolicyPort {
  /** A number, or the name of a port of the pods; absent is every port. */
  readonly port?: number | string;
  readonly endPort?: number;
  /** Default TCP. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

export interface IngressRule {
  /** Empty or absent: everybody. */
  readonly from?: readonly PolicyPeer[];
  /** Empty or absent: every port. */
  readonly ports?: readonly PolicyPort[];
}

export interface EgressRule {
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}

export interface NetworkPolicy {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "NetworkPolicy";
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: { readonly [name: string]: string }; readonly labels?: { readonly [name: string]: string } };
  readonly spec: {
    readonly podSelector: Selector;
    /** Absent: Ingress, and Egress where there is an egress rule. */
    readonly policyTypes?: readonly ("Ingress" | "Egress")[];
    readonly ingress?: readonly IngressRule[];
    readonly egress?: readonly EgressRule[];
  };
}
