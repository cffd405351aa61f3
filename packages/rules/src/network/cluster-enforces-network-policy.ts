import { defineRule, exact } from "@bulkhead/core";

const addon = (values: string) => ({ clusterName: "shop", addonName: "vpc-cni", configurationValues: values });

export default defineRule({
  id: "cluster-enforces-network-policy",
  title: "Clusters enforce NetworkPolicies",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.1", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "The API server takes every NetworkPolicy, also where nothing enforces it: all pods of such a cluster reach each other, and whoever reads the policies believes otherwise.",
  remediation: "On GKE set datapathProvider to ADVANCED_DATAPATH, on AKS networkProfile.networkPolicy to cilium (with the data plane of that name) or calico, on EKS enableNetworkPolicy to \"true\" among the values of the vpc-cni add-on. Some of these replace an existing cluster: look at the preview.",
  whenNot: "Where another engine is installed that the cloud knows nothing of, such as Calico or Cilium by their own charts; on EKS in Auto Mode, where a ConfigMap says it: exempt the cluster, and name the engine.",
  about: "cluster",
  reads: ({ enforcesNetworkPolicy }) => ({ enforces: exact(enforcesNetworkPolicy) }),
  check: ({ enforces }) => (enforces === true ? undefined : "enforce NetworkPolicies"),
  examples: {
    kubernetes: [
      {
        on: "document", kind: "gcp:container/cluster:Cluster",
        bad: [{ location: "europe-west1" }, { datapathProvider: "LEGACY_DATAPATH", networkPolicy: { enabled: false } }],
        good: [{ datapathProvider: "ADVANCED_DATAPATH" }, { networkPolicy: { enabled: true } }, { enableAutopilot: true }],
      },
      {
        on: "document", kind: "azure-native:containerservice:ManagedCluster",
        bad: [{ dnsPrefix: "shop" }, { networkProfile: { networkPlugin: "azure", networkPolicy: "none" } }],
        good: [{ networkProfile: { networkPlugin: "azure", networkDataplane: "cilium", networkPolicy: "cilium" } }, { networkProfile: { networkPlugin: "azure", networkDataplane: "cilium" } }],
      },
      { on: "document", kind: "azure:containerservice/kubernetesCluster:KubernetesCluster", bad: { networkProfile: { networkPlugin: "azure" } }, good: { networkProfile: { networkPlugin: "azure", networkPolicy: "calico" } } },
      {
        on: "document", kind: "aws:eks/addon:Addon",
        bad: [{ clusterName: "shop", addonName: "vpc-cni" }, addon("{\"enableNetworkPolicy\":\"false\"}"), addon("env:\n  ENABLE_PREFIX_DELEGATION: \"true\"\n")],
        good: [addon("{\"enableNetworkPolicy\":\"true\"}"), addon("enableNetworkPolicy: \"true\"\n")],
      },
    ],
  },
});
