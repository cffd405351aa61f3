// The five workloads repeat their outputs and links: the SDK makes a schema only of classes that extend ComponentResource themselves (provider/experimental/analyzer.js), so they cannot share a class.
export type { ClaimMountArgs, ConfigMapKeyArgs, ConfigMapMountArgs, ContainerPortArgs, InitContainerArgs, PodContainerArgs, PodScratchArgs, ProbeArgs, SecretKeyArgs, SecretMountArgs, SidecarArgs } from "./container-args";
export { HardenedCronJob } from "./hardened-cron-job";
export { HardenedDaemonSet } from "./hardened-daemon-set";
export { HardenedDeployment } from "./hardened-deployment";
export { HardenedJob } from "./hardened-job";
export { HardenedStatefulSet } from "./hardened-stateful-set";
export type { IsolatedNamespaceArgs, NamespaceLimitArgs, NamespaceQuotaArgs } from "./isolated-namespace";
export { IsolatedNamespace } from "./isolated-namespace";
export type { InternetArgs, PeerArgs, WorkloadLinkArgs } from "./link-args";
export type { Workload } from "./links";
export type { AddedCapabilitiesArgs, HardenedCronJobArgs, HardenedDaemonSetArgs, HardenedDeploymentArgs, HardenedJobArgs, HardenedStatefulSetArgs, HostPortArgs, NodeRequirementArgs, PodTolerationArgs, ReplicatedArgs, StorageArgs, WorkloadArgs } from "./workload-args";
