import type { Framework } from "./frameworks";

const admission = "Minimize the admission of";

/** Sections 4 and 5; identifiers and titles as kube-bench prints them (cis-1.10). */
export const cisKubernetes: Framework = {
  id: "cis-kubernetes-1.10",
  title: "CIS Kubernetes Benchmark, sections 4 and 5",
  version: "1.10",
  controls: {
    "4.1.1": "Ensure that the kubelet service file permissions are set to 600 or more restrictive",
    "4.1.2": "Ensure that the kubelet service file ownership is set to root:root",
    "4.1.3": "If proxy kubeconfig file exists ensure permissions are set to 600 or more restrictive",
    "4.1.4": "If proxy kubeconfig file exists ensure ownership is set to root:root",
    "4.1.5": "Ensure that the --kubeconfig kubelet.conf file permissions are set to 600 or more restrictive",
    "4.1.6": "Ensure that the --kubeconfig kubelet.conf file ownership is set to root:root",
    "4.1.7": "Ensure that the certificate authorities file permissions are set to 600 or more restrictive",
    "4.1.8": "Ensure that the client certificate authorities file ownership is set to root:root",
    "4.1.9": "If the kubelet config.yaml configuration file is being used validate permissions set to 600 or more restrictive",
    "4.1.10": "If the kubelet config.yaml configuration file is being used validate file ownership is set to root:root",
    "4.2.1": "Ensure that the --anonymous-auth argument is set to false",
    "4.2.2": "Ensure that the --authorization-mode argument is not set to AlwaysAllow",
    "4.2.3": "Ensure that the --client-ca-file argument is set as appropriate",
    "4.2.4": "Verify that the --read-only-port argument is set to 0",
    "4.2.5": "Ensure that the --streaming-connection-idle-timeout argument is not set to 0",
    "4.2.6": "Ensure that the --make-iptables-util-chains argument is set to true",
    "4.2.7": "Ensure that the --hostname-override argument is not set",
    "4.2.8": "Ensure that the eventRecordQPS argument is set to a level which ensures appropriate event capture",
    "4.2.9": "Ensure that the --tls-cert-file and --tls-private-key-file arguments are set as appropriate",
    "4.2.10": "Ensure that the --rotate-certificates argument is not set to false",
    "4.2.11": "Verify that the RotateKubeletServerCertificate argument is set to true",
    "4.2.12": "Ensure that the Kubelet only makes use of Strong Cryptographic Ciphers",
    "4.2.13": "Ensure that a limit is set on pod PIDs",
    "4.3.1": "Ensure that the kube-proxy metrics service is bound to localhost",
    "5.1.1": "Ensure that the cluster-admin role is only used where required",
    "5.1.2": "Minimize access to secrets",
    "5.1.3": "Minimize wildcard use in Roles and ClusterRoles",
    "5.1.4": "Minimize access to create pods",
    "5.1.5": "Ensure that default service accounts are not actively used",
    "5.1.6": "Ensure that Service Account Tokens are only mounted where necessary",
    "5.1.7": "Avoid use of system:masters group",
    "5.1.8": "Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster",
    "5.1.9": "Minimize access to create persistent volumes",
    "5.1.10": "Minimize access to the proxy sub-resource of nodes",
    "5.1.11": "Minimize access to the approval sub-resource of certificatesigningrequests objects",
    "5.1.12": "Minimize access to webhook configuration objects",
    "5.1.13": "Minimize access to the service account token creation",
    "5.2.1": "Ensure that the cluster has at least one active policy control mechanism in place",
    "5.2.2": `${admission} privileged containers`,
    "5.2.3": `${admission} containers wishing to share the host process ID namespace`,
    "5.2.4": `${admission} containers wishing to share the host IPC namespace`,
    "5.2.5": `${admission} containers wishing to share the host network namespace`,
    "5.2.6": `${admission} containers with allowPrivilegeEscalation`,
    "5.2.7": `${admission} root containers`,
    "5.2.8": `${admission} containers with the NET_RAW capability`,
    "5.2.9": `${admission} containers with added capabilities`,
    "5.2.10": `${admission} containers with capabilities assigned`,
    "5.2.11": `${admission} Windows HostProcess containers`,
    "5.2.12": `${admission} HostPath volumes`,
    "5.2.13": `${admission} containers which use HostPorts`,
    "5.3.1": "Ensure that the CNI in use supports NetworkPolicies",
    "5.3.2": "Ensure that all Namespaces have NetworkPolicies defined",
    "5.4.1": "Prefer using Secrets as files over Secrets as environment variables",
    "5.4.2": "Consider external secret storage",
    "5.5.1": "Configure Image Provenance using ImagePolicyWebhook admission controller",
    "5.7.1": "Create administrative boundaries between resources using namespaces",
    "5.7.2": "Ensure that the seccomp profile is set to docker/default in your Pod definitions",
    "5.7.3": "Apply SecurityContext to your Pods and Containers",
    "5.7.4": "The default namespace should not be used",
  },
  reasons: [
    ["4.1", "files of the node"], ["4.2", "kubelet configuration"], ["4.3", "node configuration"], ["5.1", "role-based access control"],
    ["5.3.1", "cluster configuration"], ["5.5.1", "cluster configuration"], ["5.7.1", "a matter of organisation"],
  ],
};

/** Controls of section 5 that kube-bench (cis-1.12) prints under another number than 1.10 did; 1.10's 5.2.9 is gone. */
const renumbered: { readonly [control: string]: string } = {
  "5.2.9": "5.2.10", "5.2.10": "5.2.11", "5.2.11": "5.2.12", "5.2.12": "5.2.13",
  "5.6.1": "5.7.1", "5.6.2": "5.7.2", "5.6.3": "5.7.3", "5.6.4": "5.7.4",
};
const kept = Object.keys(cisKubernetes.controls).filter((control) => /^5\.[1345]\.|^5\.2\.[1-8]$/.test(control));
const since: { readonly [control: string]: string } = { ...Object.fromEntries(kept.map((control) => [control, control])), ...renumbered };
const ordered = Object.keys(since).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** Rules cite 1.10; the same controls of 1.12 follow from it. */
export const cisKubernetesNext: Framework = {
  id: "cis-kubernetes-1.12",
  title: "CIS Kubernetes Benchmark, section 5",
  version: "1.12",
  controls: Object.fromEntries(ordered.map((control) => [control, cisKubernetes.controls[since[control] ?? ""] ?? ""])),
  reasons: cisKubernetes.reasons.flatMap(([prefix, reason]) => (prefix.startsWith("4") ? [] : [[prefix.replace("5.7.1", "5.6.1"), reason] as const])),
  follows: { framework: cisKubernetes.id, controls: since },
};
