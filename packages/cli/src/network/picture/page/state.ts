import type { PictureData } from "../shape";
import type { Connection, Mode, View } from "./view";

/** What the reader has chosen. */
export interface Choices {
  readonly mode: Mode;
  readonly groups: ReadonlySet<number>;
  readonly withPeers: boolean;
  readonly query: string;
  readonly selected?: number;
}

/** What there is to draw, after every choice. */
export interface Scene {
  readonly data: PictureData;
  readonly choices: Choices;
  readonly view: View;
  /** The same of both sides: what stands where does not depend on the side that is shown. */
  readonly both: View;
  /** Nodes that the search names; undefined where nothing is searched. */
  readonly matches?: ReadonlySet<number>;
  readonly degrees: ReadonlyMap<number, { readonly ingress: number; readonly egress: number }>;
}

export function degreesOf(connections: readonly Connection[]): Scene["degrees"] {
  const degrees = new Map<number, { ingress: number; egress: number }>();
  const of = (node: number): { ingress: number; egress: number } => {
    const known = degrees.get(node) ?? { ingress: 0, egress: 0 };
    degrees.set(node, known);
    return known;
  };
  for (const { from, to } of connections) {
    of(from).egress++;
    of(to).ingress++;
  }
  return degrees;
}

/** What policies leave open at a node; undefined where none can apply to it. */
export function openOf({ data, choices: { mode } }: Pick<Scene, "data" | "choices">, node: number): { readonly ingress: boolean; readonly egress: boolean } | undefined {
  const side = mode === "before" ? (data.before ?? data.after) : data.after;
  const policies = side.policies[node];
  return policies === null || policies === undefined ? undefined : { ingress: policies.ingress.length === 0, egress: policies.egress.length === 0 };
}
