import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Credential, CredentialError, type CredentialSource, withPassword } from "./credential";
import { runHelper } from "./credential-helper";
import { isObject, type JsonObject, parseObject } from "./json";

export interface DockerConfigOptions {
  /** Default: those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long a credential helper may take; default 5,000. */
  readonly helperMilliseconds?: number;
}

const hubKey = "https://index.docker.io/v1/";
const hubHosts: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * Credentials as the docker command finds them: `credHelpers`, then `credsStore`, then `auths`, of the file that
 * `REGISTRY_AUTH_FILE` names, else of `config.json` in `DOCKER_CONFIG`, else in `~/.docker`. A host must be the very same;
 * entries for a part of a registry (`quay.io/team`) are passed over. Each host is looked up once.
 */
export function dockerCredentials(options: DockerConfigOptions = {}): CredentialSource {
  const env = options.env ?? process.env;
  const known = new Map<string, Promise<Credential | undefined>>();
  let config: Promise<JsonObject> | undefined;
  const find = async (host: string): Promise<Credential | undefined> => {
    config ??= readConfig(env);
    const { credHelpers, credsStore, auths } = await config;
    const key = hubHosts.includes(host) ? hubKey : host;
    const helper = own(asObject(credHelpers), key) ?? (key === hubKey ? own(asObject(credHelpers), "docker.io") : undefined) ?? credsStore;
    if (helper !== undefined && helper !== "") {
      const found = await runHelper(helper, key, env, options.helperMilliseconds ?? 5000);
      if (found !== undefined || own(asObject(credHelpers), key) !== undefined) return found;
    }
    return fromAuths(asObject(auths), key);
  };
  return (host) => {
    const canonical = host.toLowerCase();
    const pending = known.get(canonical) ?? find(canonical);
    known.set(canonical, pending);
    return pending;
  };
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<JsonObject> {
  const { REGISTRY_AUTH_FILE: named = "", DOCKER_CONFIG: folder = "" } = env;
  const file = named !== "" ? named : join(folder !== "" ? folder : join(env["HOME"] ?? homedir(), ".docker"), "config.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    if (code === "ENOENT" && named === "") return {};
    throw new CredentialError(`${file} cannot be read (${code})`);
  }
  const config = parseObject(text);
  if (config === undefined) throw new CredentialError(`${file}: expected a JSON object`);
  return config;
}

function fromAuths(auths: JsonObject, key: string): Credential | undefined {
  const name = Object.keys(auths).find((candidate) => candidate === key) ?? Object.keys(auths).find((candidate) => hostOf(candidate) === (key === hubKey ? "index.docker.io" : key));
  const entry = name === undefined ? {} : asObject(auths[name]);
  const { auth, username, password, identitytoken, registrytoken } = entry;
  if (isText(registrytoken)) return { kind: "bearer", token: registrytoken };
  if (isText(identitytoken)) return { kind: "identity", token: identitytoken };
  if (isText(username) && isText(password)) return withPassword(username, password);
  if (!isText(auth)) return undefined;
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw new CredentialError(`Docker's configuration, auths[${JSON.stringify(name)}].auth: expected a name and a password in Base64`);
  return withPassword(decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, ""));
}

/** Of a key as `docker login` has written it at one time or another: a host, alone or as a URL with an API's version. */
function hostOf(key: string): string | undefined {
  const match = /^(?:https?:\/\/)?([^/]+)(?:\/v[12])?\/?$/.exec(key);
  return match?.[1]?.toLowerCase();
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function own(entry: JsonObject, key: string): unknown {
  return Object.hasOwn(entry, key) ? entry[key] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
