export type { Cluster, ContainerPort, DockerContainer, DockerNetwork, Entry, InventoryGap, Labels, Namespace, PodAddress, Protocol, Service, ServicePort, Workload, WorkloadName } from "./model/cluster";
export { protocols } from "./model/cluster";
export type { Edge, ObservedEdge, Peer } from "./model/edge";
export { edgeName, peerName } from "./model/edge";
export type { Entity, Flow, FlowDirection, FlowEnd, FlowReading, FlowSummary } from "./model/flow";
export { entities } from "./model/flow";
export type { EgressRule, IngressRule, IpBlock, NetworkPolicy, PolicyPeer, PolicyPort, Selector } from "./model/policy";
