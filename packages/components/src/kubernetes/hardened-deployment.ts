import * as pulumi from "@pulumi/pulumi";
import { createChildren } from "./children";
import type { InternetArgs, WorkloadLinkArgs } from "./link-args";
import type { Workload } from "./links";
import { link, linkToInternet } from "./links";
import { componentInputs, planWorkload } from "./workload";
import type { HardenedDeploymentArgs } from "./workload-args";

/**
 * A Deployment whose pods have no capability, no root, nothing of the host, and no connection that is not named. `new HardenedDeployment("web", { image, memory: "128Mi" })` is all it needs.
 *
 * Children: `<name>` (Deployment), `<name>-account` (ServiceAccount), `<name>-isolation` (NetworkPolicy), `<name>-service` (Service, where there are ports) and `<name>-budget` (PodDisruptionBudget, from two replicas on).
 */
export class HardenedDeployment extends pulumi.ComponentResource {
  /** Name of the objects in the cluster. */
  readonly name: pulumi.Output<string>;
  /** Namespace of the objects. */
  readonly namespace: pulumi.Output<string>;
  /** Labels that the pods are selected by, for `allowTo` and `allowFrom` of another workload. */
  readonly podLabels: pulumi.Output<{ [key: string]: string }>;

  constructor(name: string, args: HardenedDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = planWorkload("Deployment", name, args);
    super("bulkhead:index:HardenedDeployment", name, componentInputs(args, plan), opts);
    const outputs = createChildren(this, plan);
    this.name = outputs.name;
    this.namespace = outputs.namespace;
    this.podLabels = outputs.podLabels;
    this.registerOutputs({ ...outputs });
  }

  /** Lets this workload's pods send to a port of another's: a NetworkPolicy at each end. */
  allowTo(target: Workload, args: WorkloadLinkArgs): void {
    link(this, target, args, "allowTo");
  }

  /** Lets another workload's pods send to a port of this one's: a NetworkPolicy at each end. */
  allowFrom(source: Workload, args: WorkloadLinkArgs): void {
    link(source, this, args, "allowFrom");
  }

  /** Lets this workload's pods send to addresses outside of the cluster, but never to the cloud's instance metadata. */
  allowToInternet(args: InternetArgs): void {
    linkToInternet(this, args);
  }
}
