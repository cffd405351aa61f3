import type { Framework } from "./frameworks";

export const podSecurity: Framework = {
  id: "pss",
  title: "Kubernetes Pod Security Standards",
  version: "latest",
  controls: {
    baseline: "Minimally restrictive policy which prevents known privilege escalations",
    restricted: "Heavily restricted policy, following current Pod hardening best practices",
  },
  reasons: [],
};

/** The guide does not number its sections: the identifiers are their titles, shortened. */
export const nsaCisa: Framework = {
  id: "nsa-cisa-1.2",
  title: "NSA and CISA Kubernetes Hardening Guide",
  version: "1.2 (August 2022)",
  controls: {
    "non-root": "\"Non-root\" containers and \"rootless\" container engines",
    "immutable-file-systems": "Immutable container file systems",
    "secure-images": "Building secure container images",
    "pod-security-enforcement": "Pod security enforcement",
    "service-account-tokens": "Protecting Pod service account tokens",
    "hardening-environments": "Hardening container environments",
    "namespaces": "Namespaces",
    "network-policies": "Network policies",
    "resource-policies": "Resource policies",
    "control-plane-hardening": "Control plane hardening",
    "worker-node-segmentation": "Worker node segmentation",
    "encryption": "Encryption",
    "secrets": "Secrets",
    "cloud-infrastructure": "Protecting sensitive cloud infrastructure",
    "authentication": "Authentication",
    "rbac": "Role-based access control",
    "logging": "Logging",
    "threat-detection": "Threat detection",
    "upgrading": "Upgrading and application security practices",
  },
  reasons: [
    ["control-plane-hardening", "cluster configuration"], ["worker-node-segmentation", "network of the nodes"], ["authentication", "cluster configuration"],
    ["rbac", "role-based access control"], ["logging", "cluster configuration"], ["threat-detection", "what runs"], ["upgrading", "operation of the cluster"],
  ],
};

/** The countermeasures of chapter 4. */
export const nist: Framework = {
  id: "nist-sp-800-190",
  title: "NIST SP 800-190, Application Container Security Guide, chapter 4",
  version: "September 2017",
  controls: {
    "4.1.1": "Image vulnerabilities",
    "4.1.2": "Image configuration defects",
    "4.1.3": "Embedded malware",
    "4.1.4": "Embedded clear text secrets",
    "4.1.5": "Use of untrusted images",
    "4.2.1": "Insecure connections to registries",
    "4.2.2": "Stale images in registries",
    "4.2.3": "Insufficient authentication and authorization restrictions",
    "4.3.1": "Unbounded administrative access",
    "4.3.2": "Unauthorized access",
    "4.3.3": "Poorly separated inter-container network traffic",
    "4.3.4": "Mixing of workload sensitivity levels",
    "4.3.5": "Orchestrator node trust",
    "4.4.1": "Vulnerabilities within the runtime software",
    "4.4.2": "Unbounded network access from containers",
    "4.4.3": "Insecure container runtime configurations",
    "4.4.4": "App vulnerabilities",
    "4.4.5": "Rogue containers",
    "4.5.1": "Large attack surface",
    "4.5.2": "Shared kernel",
    "4.5.3": "Host OS component vulnerabilities",
    "4.5.4": "Improper user access rights",
    "4.5.5": "Host file system tampering",
    "4.6": "Hardware countermeasures",
  },
  reasons: [
    ["4.1.1", "needs the evidence of a scan"], ["4.1.3", "needs the evidence of a scan"], ["4.2", "configuration of the registry"], ["4.3", "cluster configuration"],
    ["4.4.1", "software of the host"], ["4.5", "host configuration"], ["4.6", "hardware"],
  ],
};

export const owaspDocker: Framework = {
  id: "owasp-docker",
  title: "OWASP Docker Top 10",
  version: "draft",
  controls: {
    D01: "Secure User Mapping",
    D02: "Patch Management Strategy",
    D03: "Network Segmentation and Firewalling",
    D04: "Secure Defaults and Hardening",
    D05: "Maintain Security Contexts",
    D06: "Protect Secrets",
    D07: "Resource Protection",
    D08: "Container Image Integrity and Origin",
    D09: "Follow Immutable Paradigm",
    D10: "Logging",
  },
  reasons: [["D02", "operation of the hosts"], ["D05", "placement on the hosts"]],
};

export const owaspKubernetes: Framework = {
  id: "owasp-kubernetes-2025",
  title: "OWASP Kubernetes Top Ten",
  version: "2025",
  controls: {
    K01: "Insecure Workload Configurations",
    K02: "Overly Permissive Authorization Configurations",
    K03: "Secrets Management Failures",
    K04: "Lack Of Cluster Level Policy Enforcement",
    K05: "Missing Network Segmentation Controls",
    K06: "Overly Exposed Kubernetes Components",
    K07: "Misconfigured And Vulnerable Cluster Components",
    K08: "Cluster-To-Cloud Lateral Movement",
    K09: "Broken Authentication Mechanisms",
    K10: "Inadequate Logging And Monitoring",
  },
  reasons: [
    ["K02", "role-based access control"], ["K06", "cluster configuration"], ["K07", "cluster configuration"], ["K08", "rights in the cloud"], ["K09", "cluster configuration"], ["K10", "cluster configuration"],
  ],
};
