import { readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where the daemon is: the settings of the Docker provider that have to do with it, by the provider's names. */
export interface DaemonSettings {
  readonly host?: string;
  readonly context?: string;
  readonly certPath?: string;
  readonly caMaterial?: string;
  readonly certMaterial?: string;
  readonly keyMaterial?: string;
  readonly sshOpts?: readonly string[];
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export type Transport =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly prefix: string; readonly tls?: TlsMaterial }
  | { readonly kind: "ssh"; readonly args: readonly string[] };

export interface Daemon {
  /** The address as messages say it, without credentials. */
  readonly address: string;
  readonly transport: Transport;
}

type Environment = Readonly<Record<string, string | undefined>>;

const schemes = "unix://, tcp://, http://, https://, ssh:// or npipe://";

/** What is wrong with an address, or nothing. Reads no file and asks nobody. */
export function faultOfAddress(address: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const scheme = /^([a-z]+):\/\//.exec(address)?.[1];
  if (scheme === "unix") return address.length > "unix://".length ? undefined : "a unix:// address names a socket, as in unix:///var/run/docker.sock";
  if (scheme === "npipe") return platform === "win32" ? undefined : "npipe:// addresses are named pipes, which exist on Windows alone";
  if (scheme === undefined || !["tcp", "http", "https", "ssh"].includes(scheme)) return `expected an address that starts with ${schemes}`;
  if (!URL.canParse(address)) return "expected scheme://host:port";
  const { hostname, password, search, hash } = new URL(address);
  if (hostname === "" || hostname.startsWith("-")) return "the address names no host";
  if (scheme === "ssh" && password !== "") return "an ssh:// address holds no password; use a key";
  return search === "" && hash === "" ? undefined : "an address has neither a query nor a fragment";
}

/** The daemon that the Docker provider would talk to with the same settings and environment. */
export function resolveDaemon(settings: DaemonSettings, env: Environment = process.env, home: string = homedir(), platform: NodeJS.Platform = process.platform): Daemon {
  const context = settings.context || env["DOCKER_CONTEXT"] || "default";
  const standard = platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";
  const host = context === "default" ? settings.host || env["DOCKER_HOST"] || standard : contextHost(context, home);
  const fault = faultOfAddress(host, platform);
  if (fault !== undefined) throw new Error(`Docker daemon address ${withoutPassword(host)}: ${fault}`);
  return { address: withoutPassword(host), transport: transportOf(host, settings, env) };
}

function transportOf(host: string, settings: DaemonSettings, env: Environment): Transport {
  if (host.startsWith("unix://")) return { kind: "socket", path: host.slice("unix://".length) };
  if (host.startsWith("npipe://")) return { kind: "socket", path: host.slice("npipe://".length) };
  const url = new URL(host);
  if (url.protocol === "ssh:") return { kind: "ssh", args: sshArguments(url, settings.sshOpts ?? env["DOCKER_SSH_OPTS"]?.split(/\s+/).filter((word) => word !== "") ?? []) };
  const tls = tlsMaterial(settings, env) ?? (url.protocol === "https:" ? {} : undefined);
  const standardPort = url.protocol === "tcp:" ? (tls === undefined ? 2375 : 2376) : tls === undefined ? 80 : 443;
  return { kind: "tcp", host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || standardPort), prefix: url.pathname.replace(/\/$/, ""), ...(tls === undefined ? {} : { tls }) };
}

/** The provider reads contexts from the home folder, whatever DOCKER_CONFIG says, and takes nothing but their address. */
function contextHost(name: string, home: string): string {
  const folder = join(home, ".docker", "contexts", "meta");
  for (const entry of entriesOf(folder)) {
    const meta = readContext(join(folder, entry, "meta.json"));
    const host = meta?.Name === name ? meta.Endpoints?.["docker"]?.Host : undefined;
    if (host !== undefined) return host;
  }
  throw new Error(`Docker context "${name}": not found in ${folder}`);
}

interface ContextMeta {
  readonly Name?: string;
  readonly Endpoints?: Readonly<Record<string, { readonly Host?: string } | undefined>>;
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readContext(file: string): ContextMeta | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ContextMeta;
  } catch {
    return undefined;
  }
}

/** As the provider has it: material wins over a folder, and a certificate without an authority means that the server is not verified. */
function tlsMaterial(settings: DaemonSettings, env: Environment): TlsMaterial | undefined {
  const ca = settings.caMaterial || env["DOCKER_CA_MATERIAL"];
  const cert = settings.certMaterial || env["DOCKER_CERT_MATERIAL"];
  const key = settings.keyMaterial || env["DOCKER_KEY_MATERIAL"];
  const folder = settings.certPath || env["DOCKER_CERT_PATH"];
  if (cert || key) {
    if (!cert || !key) throw new Error("Docker daemon: certMaterial and keyMaterial go together; only one of them is set");
    if (folder) throw new Error("Docker daemon: certPath and certMaterial exclude each other; both are set");
    return { cert, key, ...(ca ? { ca } : {}) };
  }
  if (!folder) return undefined;
  return { ca: readMaterial(folder, "ca.pem"), cert: readMaterial(folder, "cert.pem"), key: readMaterial(folder, "key.pem") };
}

function readMaterial(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch {
    throw new Error(`Docker daemon: cannot read ${join(folder, name)}, which certPath asks for`);
  }
}

/** What the Docker client hands to ssh. */
function sshArguments(url: URL, options: readonly string[]): readonly string[] {
  const socket = decodeURIComponent(url.pathname);
  const remote = /^\/*$/.test(socket) ? "docker system dial-stdio" : `docker '--host=unix://${socket.replaceAll("'", "'\\''")}' system dial-stdio`;
  return [
    ...(url.username === "" ? [] : ["-l", decodeURIComponent(url.username)]),
    ...(url.port === "" ? [] : ["-p", url.port]),
    ...options,
    ...(options.join("").includes("ConnectTimeout") ? [] : ["-o", "ConnectTimeout=30"]),
    ...(options.includes("-T") ? [] : ["-T"]),
    "--", url.hostname, remote,
  ];
}

export function withoutPassword(address: string): string {
  return address.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/, "$1@");
}
