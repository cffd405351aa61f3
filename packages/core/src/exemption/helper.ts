import { exemptionPrefix } from "./read";
import { writeTerms } from "./terms";

/** An exemption as it is written in a program. */
export interface ExemptionRequest {
  /** The rule's id, or several. */
  readonly rule: string | readonly string[];
  readonly reason: string;
  /** Who answers for it. */
  readonly owner: string;
  /** The last day that it holds, in UTC: `2027-03-31`. */
  readonly expires: string;
  /** Only these containers of the workload. */
  readonly container?: string | readonly string[];
}

/**
 * Annotations that exempt a Kubernetes object, or a pod template, from rules; also the labels of a compose service.
 *
 * @throws Error for an exemption without its reason, owner or expiry, or two of one rule.
 * @example metadata: { annotations: exempt({ rule: "no-host-path", reason: "reads the node's logs", owner: "team-a", expires: "2027-03-31" }) }
 */
export function exempt(...requests: readonly (ExemptionRequest | readonly ExemptionRequest[])[]): Record<string, string> {
  const annotations: Record<string, string> = {};
  for (const { rule, container, ...terms } of requests.flat()) {
    for (const id of [rule].flat()) {
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw new Error(`exempt: expected a rule's id, found ${JSON.stringify(id)}`);
      const key = `${exemptionPrefix}${id}`;
      if (Object.hasOwn(annotations, key)) throw new Error(`exempt: ${id} is exempted twice; name its containers in one exemption`);
      try {
        annotations[key] = writeTerms({ ...terms, ...(container === undefined ? {} : { containers: [container].flat() }) });
      } catch (error) {
        throw new Error(`exempt: ${id}: ${(error as Error).message}`);
      }
    }
  }
  return annotations;
}

/** The same as labels of @pulumi/docker. A changed label replaces a `docker.Container`: there, prefer the configuration. */
export function exemptLabels(...requests: readonly (ExemptionRequest | readonly ExemptionRequest[])[]): { readonly label: string; readonly value: string }[] {
  return Object.entries(exempt(...requests)).map(([label, value]) => ({ label, value }));
}
