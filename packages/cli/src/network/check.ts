import type { Cluster, NetworkPolicy, Observations, ReachEnd, RuleName, Verification } from "@bulkhead/network-policy";
import { createReachability, edgeName, ruleName, verify, verifyDocker } from "@bulkhead/network-policy";
import { choiceOf, Misuse, parseArguments } from "../arguments";
import type { Io } from "../io";
import { formatInputError } from "../read/problem";
import { describeReadings, readFlowFiles, readInventoryPaths } from "./inputs";
import { flowsOf, gapLines } from "./learn";

export const checkHelp = `bulkhead network check --flows FILE... PATH... [options]

Holds policies, and the networks of Docker containers, against flows: which observed flows they would deny, which rules and
networks no flow needed, and which workloads no policy covers. PATH is a file or folder with the policies and the workloads:
manifests, compose files, what kubectl get -o json or docker inspect prints, or exported Pulumi state. Several files of flows:
--flows once for each.

  --flows FILE     flows, as for network learn; may be repeated
  --format FORMAT  text (default) or json

Exit 0: no observed flow would break. 1: some would. 2: misuse, or an input that cannot be read.
`;

const formats = ["text", "json"] as const;

interface Report {
  readonly breaks: readonly { readonly edge: string; readonly why: readonly string[]; readonly at: readonly string[] }[];
  readonly unused: readonly string[];
  readonly uncovered: readonly string[];
  readonly opened: readonly string[];
  readonly slack: readonly string[];
  readonly problems: readonly string[];
}

/** @throws Misuse */
export async function check(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { flows: { type: "string", multiple: true }, format: { type: "string" } });
  const format = choiceOf(parsed, "format", formats) ?? "text";
  const files = flowsOf(parsed, "check");
  if (parsed.positionals.length === 0) throw new Misuse("network check needs a file or a folder with policies");
  const { cluster, errors } = readInventoryPaths(parsed.positionals);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  if (errors.length > 0) return 2;
  const flows = await readFlowFiles(files, cluster, false);
  if ("error" in flows) {
    io.err(`${formatInputError(flows.error)}\n`);
    return 2;
  }
  const report = judge(cluster, flows.observations);
  if (format === "json") await io.out(`${JSON.stringify(report, null, 2)}\n`);
  else await io.out(`${[...describeReadings(files, flows), ...gapLines(cluster), ...textOf(report)].join("\n")}\n`);
  return report.breaks.length > 0 ? 1 : 0;
}

function judge(cluster: Cluster, observations: Observations): Report {
  const { policies, clusterPolicies } = cluster;
  const verification: Verification = verify({ policies, clusterPolicies, observations, inventory: cluster });
  const docker = verifyDocker(observations.edges, cluster);
  const reachability = createReachability({ namespaces: cluster.namespaces, workloads: observations.workloads, policies, clusterPolicies });
  const used = new Set<string>();
  for (const { from, to, protocol, port, ips } of observations.edges) {
    if (protocol === "ICMP" || from.kind === "container" || to.kind === "container") continue;
    const ends = (peer: typeof from): readonly ReachEnd[] => (peer.kind === "entity" && peer.entity !== "host" && ips.length > 0 ? ips.map((ip) => ({ kind: "address", ip, names: [] })) : [peer]);
    for (const source of ends(from)) for (const target of ends(to)) {
      const { egress, ingress } = reachability.allows(source, target, protocol, port);
      for (const name of [...egress.rules, ...ingress.rules]) used.add(ruleName(name));
    }
  }
  return {
    breaks: [...verification.denied, ...docker.denied].map(({ edge, why }) => ({ edge: edgeName(edge), why, at: edge.at })),
    unused: [...policies.flatMap(rulesOf).filter((name) => !used.has(name)), ...docker.unused],
    uncovered: verification.unisolated.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    opened: verification.opened,
    slack: [...verification.slack, ...docker.slack],
    problems: reachability.problems.map(({ policy, path, expected, found, taken }) => `${policy}: ${path}: expected ${expected}, found ${found}: ${taken}`),
  };
}

function rulesOf({ metadata: { namespace, name }, spec }: NetworkPolicy): readonly string[] {
  const named = (direction: "ingress" | "egress", rule: number): string => ruleName({ kind: "NetworkPolicy", namespace, policy: name, direction, rule } satisfies RuleName);
  return [...(spec.ingress ?? []).map((_, index) => named("ingress", index)), ...(spec.egress ?? []).map((_, index) => named("egress", index))];
}

function textOf({ breaks, unused, uncovered, opened, slack, problems }: Report): readonly string[] {
  const section = (title: string, entries: readonly string[]): readonly string[] => [`${title}: ${entries.length}`, ...entries.map((entry) => `  ${entry.replace(/\p{C}/gu, "?")}`)];
  return [
    ...(problems.length > 0 ? section("policies that cannot be evaluated as they stand", problems) : []),
    ...section("rules and networks that no flow needed", unused),
    ...section("workloads that no policy covers", uncovered),
    ...(opened.length > 0 ? section("refused when they were seen, and let through by these policies", opened) : []),
    ...section("newly denied observed flows", breaks.map(({ edge, why, at }) => `${edge}: ${why.join("; ")} (${at.join(", ")})`)),
    ...section("unobserved edges admitted", slack),
    "cannot be expressed safely: 0",
  ];
}
