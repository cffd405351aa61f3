/**
 * Why our verdict on another checker's case is not theirs:
 *
 * - `different control`: both are right, about different things;
 * - `theirs is wrong`: the platform does not behave as their label says;
 * - `their exception`: their own way of excepting an object, which is none to us;
 * - `cannot be judged`: what decides is not in the case, or it is no valid object: undecided, never a pass.
 */
export type Reason = "different control" | "theirs is wrong" | "their exception" | "cannot be judged";

export interface Explanation {
  /** The ids of the cases. */
  readonly cases: RegExp;
  readonly expected: "pass" | "fail";
  readonly reason: Reason;
  readonly because: string;
}

export const explanations: readonly Explanation[] = [
  // Theirs is wrong.
  { cases: /^kyv\/best-practices-vpol\/require-drop-cap-net-raw\/chainsaw\/good-/, expected: "pass", reason: "theirs is wrong", because: "capabilities have no prefix CAP_ in Kubernetes: nothing is dropped" },
  { cases: /^kyv\/psp-migration\/restrict-adding-capabilities\//, expected: "pass", reason: "theirs is wrong", because: "CAP_CHOWN is no name that Pod Security allows" },
  { cases: /^trivy\/kubernetes\/drop_all_capabilities_only_add_net_bind_service\/test_drop_all_add_net_bind_service_allowed$/, expected: "pass", reason: "theirs is wrong", because: "Pod Security takes ALL in capitals only" },
  { cases: /^ckv\/Seccomp\/cronjob-seccomp-PASSED/, expected: "pass", reason: "theirs is wrong", because: "the kubelet reads no seccomp annotation since Kubernetes 1.27" },
  { cases: /^kubescore\/Test\w*(ContainerResourceLimits|Resources)$/, expected: "fail", reason: "theirs is wrong", because: "where a limit is set and no request, the limit is the request" },
  { cases: /^trivy\/kubernetes\/runs_with_a_root_primary_or_supplementary_GID\/test_failRootGroupId_irrelevant$/, expected: "fail", reason: "theirs is wrong", because: "a ClusterRole has no group; the test's own name says that it is irrelevant" },
  { cases: /^kics\/dockerCompose\/container_traffic_not_bound_to_host_interface\/negative4/, expected: "pass", reason: "theirs is wrong", because: "published takes a port; the address stands under host_ip" },

  // Their exceptions.
  { cases: /^kubeaudit\/asat\/service-account-token-true-allowed/, expected: "pass", reason: "their exception", because: "a label of kubeaudit" },
  { cases: /^kubeaudit\/rootfs\/read-only-root-filesystem-false-allowed/, expected: "pass", reason: "their exception", because: "a label of kubeaudit" },
  { cases: /^kubeaudit\/netpols\/.*-allowed/, expected: "pass", reason: "their exception", because: "a label of kubeaudit" },
  { cases: /^kyv\/other\/docker-socket-requires-label\//, expected: "pass", reason: "their exception", because: "a label allows the socket" },
  { cases: /^kyv\/other\/restrict-automount-sa-token\/chainsaw\//, expected: "pass", reason: "their exception", because: "a label of one product" },
  { cases: /^trivy\/kubernetes\/protect_core_components_namespace\/test_pod_core_component$/, expected: "pass", reason: "their exception", because: "a label of the control plane's own pods" },

  // What decides is not there.
  { cases: /^ckv\/AllowPrivilegeEscalation\/.*malformed/, expected: "pass", reason: "cannot be judged", because: "containers is no list" },
  { cases: /^ckv\/RootContainers\/.*malformed/, expected: "fail", reason: "cannot be judged", because: "spec is no object" },
  { cases: /^ckv\/RootContainers\/rootContainersFAILED_2\.yaml$/, expected: "fail", reason: "cannot be judged", because: "the pod's securityContext is text, which the API server refuses" },
  { cases: /^ckv\/DockerSocketVolume\/CronJob-pass/, expected: "pass", reason: "cannot be judged", because: "the job template has no spec" },
  { cases: /^ckv\/(ImageDigest|ImageTagFixed|ImagePullPolicyAlways)\//, expected: "pass", reason: "cannot be judged", because: "the digest is too short to be one: no valid image reference" },
  { cases: /^kics\/k8s\/image_(without_digest|pull_policy_of_container_is_not_always)\/negative/, expected: "pass", reason: "cannot be judged", because: "no valid image reference" },
  { cases: /^kics\/k8s\/image_(without_digest|pull_policy_of_container_is_not_always)\/positive/, expected: "fail", reason: "cannot be judged", because: "$PRIVATE_IMAGE_NAME is no valid image reference" },
  { cases: /^kics\/k8s\/using_unrecommended_namespace\/positive/, expected: "fail", reason: "cannot be judged", because: "no spec, or no namespace: where it goes is said at the deployment" },
  { cases: /^kics\/k8s\/using_kubernetes_native_secret_management\/negative/, expected: "pass", reason: "cannot be judged", because: "a custom resource that is not read" },
  { cases: /^kubelinter\/[^/]+\/\d\/DeploymentConfig\//, expected: "pass", reason: "cannot be judged", because: "OpenShift's DeploymentConfig: what it holds is not plainly a pod without an image" },
  { cases: /^kubelinter\/[^/]+\/\d\/DeploymentConfig\//, expected: "fail", reason: "cannot be judged", because: "OpenShift's DeploymentConfig: what it holds is not plainly a pod without an image" },
  { cases: /^ckv\/DefaultNamespace\//, expected: "fail", reason: "cannot be judged", because: "no namespace: where it goes is said at the deployment" },
  { cases: /^kics\/k8s\/ensure_administrative_boundaries/, expected: "fail", reason: "cannot be judged", because: "no namespace: where it goes is said at the deployment" },
  { cases: /^trivy\/kubernetes\/default_namespace_should_not_be_used\/test_pod_without_namespace$/, expected: "fail", reason: "cannot be judged", because: "no namespace: where it goes is said at the deployment" },
  { cases: /^kyv\/other\/require-netpol\/chainsaw\//, expected: "pass", reason: "cannot be judged", because: "the policies stand in the cluster, not in the case" },

  // Different controls.
  { cases: /^kics\/dockerCompose\/volume_mounted_in_multiple_containers\/positive4/, expected: "fail", reason: "different control", because: "theirs also refuses slave, by which nothing gets to the host" },
  { cases: /^ckv\/DefaultServiceAccount\/DefaultServiceAccount-FAILED/, expected: "fail", reason: "different control", because: "theirs judges the account, ours each pod that runs under it" },
  { cases: /^ckv\/RootContainersHighUID\//, expected: "pass", reason: "different control", because: "ours judges the pod's own user as well, as Pod Security does, also where each container has another" },
  { cases: /^kubeaudit\/asat\/service-account-token-nil-and-no-name-and-default-sa/, expected: "pass", reason: "different control", because: "the account turns the token off, which the workload does not say" },
  { cases: /^kics\/dockerCompose\/volume_has_sensitive_host_directory\/positive/, expected: "fail", reason: "different control", because: "an anonymous volume and a plugin's driver option, not a path of the host" },
  { cases: /^kics\/dockerCompose\/privileged_ports_mapped_in_container\/positive/, expected: "fail", reason: "different control", because: "theirs is about the port in the container, which needs no privilege there; ours about the host's" },
  { cases: /^kics\/dockerCompose\/restart_policy_on_failure_not_set_to_5\/positive/, expected: "fail", reason: "different control", because: "theirs asks for exactly 5, ours for 5 at most" },
  { cases: /^kics\/k8s\/pod_misconfigured_network_policy\/negative/, expected: "pass", reason: "different control", because: "theirs is about the policy's selector, ours about the default of the namespace" },
  { cases: /^kics\/k8s\/pod_or_container_without_(limit_range|resource_quota)\/positive/, expected: "fail", reason: "different control", because: "theirs asks for one beside each workload, ours in each namespace that the program makes" },
  { cases: /^kics\/k8s\/service_type_is_nodeport\/negative/, expected: "pass", reason: "different control", because: "ours also refuses LoadBalancer" },
  { cases: /^kyv\/best-practices-vpol\/restrict-node-port\//, expected: "pass", reason: "different control", because: "ours also refuses LoadBalancer" },
  { cases: /^kyv\/other\/imagepullpolicy-always\//, expected: "fail", reason: "different control", because: "theirs wants the policy written out; the default for latest is to pull anew" },
  { cases: /^kyv\/other\/imagepullpolicy-always\//, expected: "pass", reason: "different control", because: "theirs is about latest only" },
  { cases: /^kyv\/other\/restrict-loadbalancer\//, expected: "pass", reason: "different control", because: "ours also refuses NodePort" },
  { cases: /^kyv\/best-practices-vpol\/disallow-empty-ingress-host\//, expected: "pass", reason: "different control", because: "ours also refuses wildcards" },
  { cases: /^kyv\/best-practices-vpol\/require-probes\//, expected: "pass", reason: "different control", because: "any one of three probes is enough there" },
  { cases: /^kubescore\/TestProbes/, expected: "pass", reason: "different control", because: "theirs asks for readiness only where a Service selects the pod" },
  { cases: /^kubescore\/TestPodContainerResourceRequestsEqualLimitsNoLimits/, expected: "fail", reason: "different control", because: "ours compares limit and request where both are there; each has a rule of its own" },
  { cases: /^kubescore\/TestPodHasMatchingEgressNetworkPolicy$/, expected: "fail", reason: "different control", because: "theirs asks for a policy of each direction, ours that any selects the pod; the directions have rules of their own" },
  { cases: /^polaris\/missingNetworkPolicy\/failure/, expected: "fail", reason: "different control", because: "theirs asks for a policy of each direction, ours that any selects the pod; the directions have rules of their own" },
  { cases: /^kubescore\/TestContainerSecurityContextUserGroupID/, expected: "fail", reason: "different control", because: "ours judges ids that are given; that one is left out is the image's business" },
  { cases: /^trivy\/kubernetes\/runs_with_(UID|GID)_le_10000\/test_no_run_as/, expected: "fail", reason: "different control", because: "ours judges ids that are given; that one is left out is the image's business" },
  { cases: /^kyv\/other\/require-non-root-groups\//, expected: "fail", reason: "different control", because: "ours judges groups that are given; that one is left out is the image's business" },
  { cases: /^kyv\/other\/ensure-probes-different\//, expected: "pass", reason: "different control", because: "the two ask the same port and differ in their delays only" },
  { cases: /^kyv\/other\/ingress-host-match-tls\//, expected: "fail", reason: "different control", because: "theirs compares the hosts with those of the certificates" },
  { cases: /^kyv\/other\/require-ingress-https\//, expected: "fail", reason: "different control", because: "theirs asks for an annotation of some controllers" },
  { cases: /^kyv\/other\/prevent-cr8escape\//, expected: "fail", reason: "different control", because: "theirs looks for one attack in the values (CVE-2022-0811 of CRI-O), ours at the names" },
  { cases: /^kyv\/other\/prevent-cr8escape\//, expected: "pass", reason: "different control", because: "theirs looks for one attack in the values, ours at the names: foo is no safe one" },
  { cases: /^kyv\/other\/require-emptydir-requests-limits\//, expected: "pass", reason: "different control", because: "theirs is content with a limit of the container's ephemeral storage" },
  { cases: /^kyv\/other\/require-imagepullsecrets\//, expected: "fail", reason: "different control", because: "ours asks for a secret for the registries that are configured as private" },
  { cases: /^kyv\/other\/restrict-node-selection\//, expected: "fail", reason: "different control", because: "theirs refuses node selectors as well" },
  { cases: /^kyv\/other\/restrict-networkpolicy-empty-podselector\//, expected: "fail", reason: "different control", because: "theirs refuses a default deny under another name than its own; ours what allows something to all pods" },
  { cases: /^kyv\/pod-security\/subrule\/restricted\/restricted-exclude-capabilities\//, expected: "fail", reason: "different control", because: "their exclusion holds for some values only; ours leaves the rules about capabilities out" },
  { cases: /^kyv\/psa\/deny-privileged-profile\//, expected: "pass", reason: "different control", because: "ours also asks that there is a level" },
  { cases: /^polaris\/sensitiveConfigmapContent\/failure\.key_azure_batch_key$/, expected: "fail", reason: "different control", because: "theirs has a list of names; the name says nothing of a secret, nor does the value" },
  { cases: /^trivy\/kubernetes\/configMap_with_sensitive\//, expected: "fail", reason: "different control", because: "theirs takes a user's name for a credential" },
];
