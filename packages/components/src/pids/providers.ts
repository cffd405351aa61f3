import type { CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/provider";
import type { PidsLimitProperties } from "./crud";
import { check, create, diff, read, update } from "./crud";

/** Each function of a provider, without the URN. Deleting needs nothing: the limit goes with its container. */
export interface PidsLimitProvider {
  check(olds: unknown, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<CreateResult>;
  read(id: string, state: Properties): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties): Promise<UpdateResult>;
  delete(): Promise<void>;
}

export type Properties = Readonly<Record<string, unknown>>;

/** Serves pulumi's own plugin for dynamic resources, and ours. */
export const pidsLimitProvider: PidsLimitProvider = {
  async check(_olds, news) {
    return { inputs: news, failures: [...check(revealed(news))] };
  },
  async diff(_id, olds, news) {
    return diff(propertiesOf(olds), propertiesOf(news));
  },
  async create(inputs) {
    const properties = propertiesOf(inputs);
    await create(properties);
    return { id: properties.containerId, outs: inputs };
  },
  async read(id, state) {
    const found = await read(propertiesOf(state));
    // No id is how a provider says that the resource is gone.
    if (found === undefined) return { props: {} };
    const props = { ...state, limit: found.limit, start: found.start };
    return { id, props, inputs: props };
  },
  async update(_id, olds, news) {
    await update(propertiesOf(olds), propertiesOf(news));
    return { outs: news };
  },
  async delete() {},
};

const secretSignature = "4dabf18193072939515e22adb298388d";

/** Plain values: a provider that accepts secrets is sent them in an envelope. */
function revealed(value: unknown): Properties;
function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => revealed(item));
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) return revealed((value as Properties)["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

function propertiesOf(raw: Properties): PidsLimitProperties {
  return revealed(raw) as unknown as PidsLimitProperties;
}
