import type { Path, PlainObject } from "@bulkhead/core";
import { formatPath, isExemptingType, isObject, isOwnChild, UNKNOWN } from "@bulkhead/core";
import type { InputError, Position } from "./problem";

/** One resource of an exported Pulumi state. */
export interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly inputs: unknown;
  /** What the component that it is a child of exempts it from. */
  readonly exemptions?: unknown;
  /** Where the inputs stand in the file. */
  readonly path: Path;
}

export interface StateResult {
  readonly resources: readonly StateResource[];
  readonly errors: readonly InputError[];
  /** Resources that only the program reads (`.get`): their inputs are not its own. */
  readonly external: readonly { readonly type: string; readonly name: string; readonly path: Path }[];
}

type Locate = (path: Path) => Position | undefined;

/** Versions of the deployment schema whose meaning is known here (pulumi/sdk apitype.DeploymentV1 to V3). */
/** apitype.DeploymentSchemaVersionLatest of CLI 3.259 is 4: resources as in 3, beside a list of features. */
const versions = { oldest: 1, newest: 4 } as const;

/** Marks a secret, an output and the like in serialised properties (pulumi/sdk resource.SigKey). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What the engine writes for a value that is not known yet, by the value's type. */
const unknownSentinels = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a JSON document is an exported state (`pulumi stack export`) or a checkpoint file. */
export function isState(value: unknown): value is PlainObject {
  if (!isObject(value) || !("version" in value)) return false;
  return "deployment" in value || "checkpoint" in value;
}

/** The resources of a state. A state of another version is refused whole: its meaning may have changed. */
export function readState(state: PlainObject, file: string, locate: Locate = () => undefined): StateResult {
  const fail = (path: Path, expected: string, found: string): StateResult => ({ resources: [], external: [], errors: [{ file, ...locate(path), path: formatPath(path), expected, found }] });
  const { version } = state;
  if (typeof version !== "number") return fail(["version"], "a number", kindOf(version));
  if (!Number.isInteger(version) || version < versions.oldest || version > versions.newest) return fail(["version"], `a state of version ${versions.oldest} to ${versions.newest}`, `version ${version}`);
  const base: Path = "deployment" in state ? ["deployment"] : ["checkpoint", "latest"];
  const deployment = base.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), state);
  if (deployment === null || deployment === undefined) return { resources: [], external: [], errors: [] };
  if (!isObject(deployment)) return fail(base, "an object", kindOf(deployment));
  const list = deployment["resources"];
  const path = [...base, "resources"];
  if (list === undefined || list === null) return { resources: [], external: [], errors: [] };
  if (!Array.isArray(list)) return fail(path, "a list", kindOf(list));
  return readResources(list, path, file, locate);
}

function readResources(list: readonly unknown[], base: Path, file: string, locate: Locate): StateResult {
  const resources: StateResource[] = [];
  const external: { type: string; name: string; path: Path }[] = [];
  const errors: InputError[] = [];
  const components = new Map<unknown, unknown>();
  const fail = (path: Path, expected: string, found: unknown): void => void errors.push({ file, ...locate(path), path: formatPath(path), expected, found: kindOf(found) });
  for (const [index, resource] of list.entries()) {
    const path = [...base, index];
    if (!isObject(resource)) {
      fail(path, "an object", resource);
      continue;
    }
    const { urn, type, inputs, parent } = resource;
    if (typeof urn !== "string") fail([...path, "urn"], "a string", urn);
    else if (typeof type !== "string") fail([...path, "type"], "a string", type);
    else if (resource["delete"] !== true) {
      const name = urn.split("::").slice(3).join("::") || urn;
      if (resource["external"] === true) external.push({ type, name, path });
      else {
        // A component keeps its inputs, and stands before its children.
        if (isExemptingType(type) && isObject(inputs)) components.set(urn, open(inputs["exemptions"]));
        const exemptions = typeof parent === "string" && isOwnChild(parent, name) ? components.get(parent) : undefined;
        resources.push({ type, urn, name, inputs: open(inputs ?? {}), path: [...path, "inputs"], ...(exemptions === undefined ? {} : { exemptions }) });
      }
    }
  }
  return { resources, external, errors };
}

/** Secrets as their plain value where the state holds it, else as unknown. */
function open(value: unknown): unknown {
  if (typeof value === "string") return unknownSentinels.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(open);
  if (!isObject(value)) return value;
  const signature = value[signatureKey];
  if (signature === secretSignature) return openSecret(value);
  if (signature === outputSignature) return "value" in value ? open(value["value"]) : UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, open(member)]));
}

function openSecret(secret: PlainObject): unknown {
  if (typeof secret["plaintext"] !== "string") return UNKNOWN;
  try {
    return open(JSON.parse(secret["plaintext"]));
  } catch {
    return UNKNOWN;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return Array.isArray(value) ? "a list" : isObject(value) ? "an object" : `a ${typeof value}`;
}
