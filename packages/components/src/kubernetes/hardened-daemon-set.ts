import * as pulumi from "@pulumi/pulumi";
import { createChildren } from "./children";
import type { InternetArgs, WorkloadLinkArgs } from "./link-args";
import type { Workload } from "./links";
import { link, linkToInternet } from "./links";
import { componentInputs, planWorkload } from "./workload";
import type { HardenedDaemonSetArgs } from "./workload-args";

/**
 * A DaemonSet as a HardenedDeployment is hardened: nothing of its nodes is in reach.
 *
 * Children: `<name>` (DaemonSet), `<name>-account` (ServiceAccount) and `<name>-isolation` (NetworkPolicy).
 */
export class HardenedDaemonSet extends pulumi.ComponentResource {
  /** Name of the objects in the cluster. */
  readonly name: pulumi.Output<string>;
  /** Namespace of the objects. */
  readonly namespace: pulumi.Output<string>;
  /** Labels that the pods are selected by, for `allowTo` and `allowFrom` of another workload. */
  readonly podLabels: pulumi.Output<{ [key: string]: string }>;

  constructor(name: string, args: HardenedDaemonSetArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = planWorkload("DaemonSet", name, args);
    super("bulkhead:index:HardenedDaemonSet", name, componentInputs(args, plan), opts);
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
