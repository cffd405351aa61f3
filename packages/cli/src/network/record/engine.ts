import { spawn } from "node:child_process";
import type { DockerContainer, DockerNetwork, Protocol } from "@bulkhead/network-policy";

/** What goes wrong with Docker, or with reading a namespace: one sentence, with what to do. */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

/** A running container, with what tells its network namespace. */
export interface RunningContainer extends DockerContainer {
  readonly id: string;
  readonly pid: number;
  /** `bridge`, a network's name, `host`, `none`, or `container:<id>`. */
  readonly networkMode: string;
  readonly ips: readonly string[];
  readonly gateways: readonly string[];
  /** Name servers that the container was given; empty for those of the daemon's machine. */
  readonly dns: readonly string[];
}

// Only these fields: the rest has environment variables and other labels, which may be secret.
const containerFormat = '{"id":{{json .Id}},"name":{{json .Name}},"pid":{{json .State.Pid}},"mode":{{json .HostConfig.NetworkMode}},"dns":{{json .HostConfig.Dns}},"networks":{{json .NetworkSettings.Networks}},"ports":{{json .NetworkSettings.Ports}},"service":{{json (index .Config.Labels "com.docker.compose.service")}}}';
const networkFormat = '{"name":{{json .Name}},"driver":{{json .Driver}},"internal":{{json .Internal}},"options":{{json .Options}}}';

/** Runs `docker`, and gives what it prints. @throws RecordError when it fails. */
export async function docker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  // A process group of its own: an interrupt from the keyboard is for the recording.
  const child = spawn("docker", args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000, detached: true });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(new RecordError(`docker cannot be run: ${error.message}`)));
    child.on("close", (status) => resolve(status ?? 128));
  });
  if (code !== 0) throw new RecordError(`docker ${args[0]} failed: ${reasonIn(output.stderr)}`);
  return output.stdout;
}

/** The last line of what docker says, but for that on its help. */
export function reasonIn(stderr: string): string {
  return stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !/^(Run|See) 'docker/.test(line)).at(-1) ?? "";
}

/**
 * The running containers of these names or ids, or all of them.
 *
 * @throws RecordError when one that is named is not there or does not run.
 */
export async function runningContainers(names: readonly string[], env: NodeJS.ProcessEnv): Promise<readonly RunningContainer[]> {
  const ids = names.length > 0 ? names : (await docker(["ps", "--quiet", "--no-trunc"], env)).split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  // One that ends meanwhile is no longer there, and the rest is still printed.
  const texts = names.length > 0 ? [await docker(["container", "inspect", "--format", containerFormat, ...ids], env)] : await Promise.all(ids.map((id) => docker(["container", "inspect", "--format", containerFormat, id], env).catch(() => "")));
  const found = texts.join("\n").split("\n").filter((line) => line !== "").map((line) => readContainer(JSON.parse(line) as Inspected));
  const stopped = found.find(({ pid }) => pid === 0);
  if (stopped !== undefined && names.length > 0) throw new RecordError(`the container ${stopped.name} does not run`);
  return found.filter(({ pid }) => pid > 0);
}

interface Inspected {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly mode: string;
  readonly dns: readonly string[] | null;
  readonly networks: { readonly [name: string]: { readonly IPAddress?: string; readonly GlobalIPv6Address?: string; readonly Gateway?: string; readonly IPv6Gateway?: string; readonly Aliases?: readonly string[] | null } } | null;
  readonly ports: { readonly [port: string]: readonly { readonly HostIp: string; readonly HostPort: string }[] | null } | null;
  readonly service: string | null;
}

function readContainer({ id, name, pid, mode, dns, networks, ports, service }: Inspected): RunningContainer {
  const attached = Object.entries(networks ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const filled = (texts: readonly (string | undefined)[]): readonly string[] => texts.filter((text): text is string => text !== undefined && text !== "");
  const exposed = Object.entries(ports ?? {}).flatMap(([key, published]) => {
    const [port, protocol] = key.split("/");
    return port === undefined || protocol === undefined ? [] : [{ port: Number(port), protocol: protocol.toUpperCase() as Protocol, published: published ?? [] }];
  });
  return {
    id, pid, name: name.replace(/^\//, ""), networkMode: mode, from: "docker", dns: dns ?? [], ...(service ? { service } : {}),
    ips: attached.flatMap(([, network]) => filled([network.IPAddress, network.GlobalIPv6Address])),
    gateways: attached.flatMap(([, network]) => filled([network.Gateway, network.IPv6Gateway])),
    networks: attached.map(([network, { IPAddress, GlobalIPv6Address, Aliases }]) => {
      const ip = IPAddress || GlobalIPv6Address;
      return { network, ...(ip ? { ip } : {}), aliases: [...(Aliases ?? [])].filter((alias) => !id.startsWith(alias)).sort() };
    }),
    ports: exposed.map(({ port, protocol }) => ({ port, protocol })),
    published: exposed.flatMap(({ port, protocol, published }) => published.map(({ HostIp, HostPort }) => ({ hostIp: HostIp, hostPort: Number(HostPort), port, protocol }))),
  };
}

/** The networks of these names, as they are. */
export async function inspectNetworks(names: readonly string[], env: NodeJS.ProcessEnv): Promise<readonly DockerNetwork[]> {
  if (names.length === 0) return [];
  const lines = (await docker(["network", "inspect", "--format", networkFormat, ...names], env)).split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const { name, driver, internal, options } = JSON.parse(line) as { readonly name: string; readonly driver: string; readonly internal: boolean; readonly options: { readonly [key: string]: string } | null };
    return { name, driver, internal, interContainer: options?.["com.docker.network.bridge.enable_icc"] !== "false" };
  });
}
