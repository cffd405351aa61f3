import type { Field } from "../field";
import { elsewhere, known, unknown, unset } from "../field";
import type { DockerContainer, PidsLimit } from "./members";

export interface PidsLimitIndex {
  readonly byContainer: ReadonlyMap<string, PidsLimit>;
  readonly byName: ReadonlyMap<string, PidsLimit>;
  /** Whether some limit is for a container that is not known. */
  readonly unsure: boolean;
}

export function indexPidsLimits(limits: readonly PidsLimit[]): PidsLimitIndex {
  const byContainer = new Map<string, PidsLimit>();
  const byName = new Map<string, PidsLimit>();
  let unsure = false;
  for (const limit of limits) {
    const { container, containerName } = limit;
    if (container.state === "value") byContainer.set(container.value, limit);
    else if (containerName.state === "value") byName.set(containerName.value, limit);
    else unsure = true;
  }
  return { byContainer, byName, unsure };
}

/** The limit that another resource of the stack gives to a container, as a field of the container. */
export function pidsLimitOf({ resource, pidsLimit }: DockerContainer, index: PidsLimitIndex, incomplete: string | undefined): Field<number> {
  if (pidsLimit.state !== "unset") return pidsLimit;
  const { path } = pidsLimit;
  const found = (resource.urn === undefined ? undefined : index.byContainer.get(resource.urn)) ?? index.byName.get(resource.name);
  if (found?.limit.state === "value") return known(found.limit.value, path);
  if (found !== undefined || index.unsure) return unknown(path, "depends on a pids limit that cannot be known yet");
  return incomplete === undefined ? unset(path) : elsewhere(path, incomplete);
}
