import type { BuiltImages } from "./evidence/built";
import type { EvidenceSource } from "./evidence/source";
import type { ExemptionSettings } from "./exemption/configured";
import type { NetworkSource } from "./network/source";

/** The versions of Kubernetes that are told apart; the Pod Security Standards differ between some of them. */
export const kubernetesVersions = ["latest", "1.25", "1.26", "1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"] as const;
export type KubernetesVersion = (typeof kubernetesVersions)[number];

/** What holds for a whole evaluation, whatever the rule. A rule does no input or output: the clock is given here. */
export interface EvaluationContext {
  /** The time that dates are judged by, in milliseconds since 1970. */
  readonly now?: number;
  /** Whether what is judged is all there is: what is missing is missing, also in namespaces that are made elsewhere. */
  readonly closedWorld?: boolean;
  readonly exemptions?: ExemptionSettings;
  /** The version of the cluster; default the latest. */
  readonly kubernetesVersion?: KubernetesVersion;
  /** What was gathered about images. */
  readonly evidence?: EvidenceSource;
  /** Images that the program itself makes. What is known of them may grow while documents are judged. */
  readonly builtImages?: BuiltImages;
  /** Who evaluates policies; without it, rules that ask who may talk to whom judge nothing. */
  readonly network?: NetworkSource;
}

/** What a rule may ask of the evaluation. */
export interface Surroundings {
  /** Minor version of the cluster: 31 for Kubernetes 1.31. */
  readonly kubernetesMinor: number;
  /** The time that dates are judged by, in milliseconds since 1970. */
  readonly now?: number;
  readonly evidence?: EvidenceSource;
  readonly builtImages?: BuiltImages;
  /** Called where an image cannot be judged for want of a lockfile that can be read. */
  readonly missesEvidence?: () => void;
  readonly network?: NetworkSource;
  /** Called where something is to be judged by the lockfile of accepted flows. */
  readonly asksFlows?: () => void;
}

/** @throws RangeError for a version that is not among those supported. */
export function surroundingsOf({ kubernetesVersion = "latest", now, evidence, builtImages, network }: EvaluationContext): Surroundings {
  if (!kubernetesVersions.includes(kubernetesVersion)) throw new RangeError(`kubernetesVersion: expected one of ${kubernetesVersions.join(", ")}`);
  const version = kubernetesVersion === "latest" ? kubernetesVersions[kubernetesVersions.length - 1] : kubernetesVersion;
  return { kubernetesMinor: Number(version?.slice("1.".length)), ...(now === undefined ? {} : { now }), ...(evidence === undefined ? {} : { evidence }), ...(builtImages === undefined ? {} : { builtImages }), ...(network === undefined ? {} : { network }) };
}
