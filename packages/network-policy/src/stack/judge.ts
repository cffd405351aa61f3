import type { NetworkJudge, NetworkStack } from "@bulkhead/core";
import { known } from "@bulkhead/core";
import type { LockedFlows } from "../synthesis/lock";
import { dockerDrift } from "./docker-drift";
import { driftAmong } from "./drift";
import { type Fact, factsOf, gather } from "./facts";
import { metadataOf } from "./metadata";

/** Answers for a stack; each part is worked out when it is first asked for. */
export function judgeNetwork(stack: NetworkStack, lock?: () => LockedFlows): NetworkJudge {
  let [metadata, kubernetes, docker]: [ReturnType<typeof metadataOf> | undefined, ReturnType<typeof driftAmong> | undefined, ReturnType<typeof dockerDrift> | undefined] = [undefined, undefined, undefined];
  let facts: readonly Fact[] | undefined;
  const policies = (): readonly Fact[] => (facts ??= factsOf(stack));
  return {
    metadataEgress: (workload) => (metadata ??= metadataOf(gather(stack, policies())))(workload),
    drift: (subject) => {
      if (lock === undefined) return known([], subject.path);
      if (subject.about === "attachment" || subject.about === "containerNetwork") return (docker ??= dockerDrift(stack, lock().edges))(subject);
      kubernetes ??= driftAmong(stack, policies(), lock());
      return subject.about === "workload" ? kubernetes.ofWorkload(subject) : kubernetes.ofPolicy(subject);
    },
  };
}
