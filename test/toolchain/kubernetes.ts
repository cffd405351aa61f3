import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { ApiServer, kubeconfig } from "./api-client.ts";
import { obtainDebian } from "./debian.ts";
import { cacheFolder } from "./paths.ts";
import { obtain, type Resolution } from "./resolve.ts";
import { run } from "./run.ts";
import { kubeApiServer } from "./tools.ts";

const readyMilliseconds = 180_000;
const stopMilliseconds = 20_000;

const folder = (): string => join(cacheFolder(), "kubernetes");
const kubeconfigFile = (): string => join(folder(), "kubeconfig");
const claimFile = (): string => join(cacheFolder(), "kubernetes.starting");
const pidFile = (program: string): string => join(folder(), `${program}.pid`);
const logFile = (program: string): string => join(folder(), `${program}.log`);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The API server that was started here, never a cluster of the user's. `path` is its kubeconfig. */
export async function findKubernetes(): Promise<Resolution> {
  const version = await answers();
  if (version === undefined) return { missing: "no API server was started; `npm run toolchain -- up kubernetes` does" };
  return { path: kubeconfigFile(), source: "cache", version };
}

async function answers(): Promise<string | undefined> {
  if (!existsSync(kubeconfigFile())) return undefined;
  try {
    const server = new ApiServer(kubeconfigFile());
    if ((await server.request("GET", "/readyz")).status !== 200) return undefined;
    return String((await server.request("GET", "/version")).object["gitVersion"]).replace(/^v/, "");
  } catch {
    return undefined;
  }
}

/** Uses the API server that was started here, or starts etcd and one. No nodes: pods are admitted, and never run. */
export async function obtainKubernetes(): Promise<Resolution> {
  const found = await findKubernetes();
  if ("path" in found) return found;
  const etcd = await obtainDebian({ package: "etcd-server", program: "etcd", neededBy: "an API server" });
  if ("missing" in etcd) return etcd;
  const apiServer = await obtain(kubeApiServer);
  if ("missing" in apiServer) return { missing: `kube-apiserver: ${apiServer.missing}` };
  return claimed(() => start(etcd.path, apiServer.path));
}

/** Of two that want to start one at the same time, the second uses what the first starts. */
async function claimed(work: () => Promise<Resolution>): Promise<Resolution> {
  mkdirSync(cacheFolder(), { recursive: true });
  for (const deadline = Date.now() + readyMilliseconds; !claim(); await pause(250)) {
    if (!signal(claimant(), 0) || Date.now() > deadline) rmSync(claimFile(), { force: true });
  }
  try {
    const found = await findKubernetes();
    return "path" in found ? found : await work();
  } finally {
    rmSync(claimFile(), { force: true });
  }
}

/** A link is made with its content, or not at all: nobody can read a claim without its number. */
function claim(): boolean {
  try {
    symlinkSync(String(process.pid), claimFile());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function claimant(): number {
  try {
    return Number(readlinkSync(claimFile()));
  } catch {
    return Number.NaN;
  }
}

async function start(etcd: string, apiServer: string): Promise<Resolution> {
  await stopKubernetes();
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const [client, peer, secure] = await freePorts();
  const certificates = join(folder(), "certificates");
  const token = randomBytes(24).toString("hex");
  const tokens = secret("tokens.csv", `${token},bulkhead,bulkhead,"system:masters"\n`);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = secret("service-account.key", privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const programs = [
    launch("etcd", etcd, [
      `--data-dir=${join(folder(), "etcd")}`, `--listen-client-urls=${url(client)}`, `--advertise-client-urls=${url(client)}`,
      `--listen-peer-urls=${url(peer)}`, `--initial-advertise-peer-urls=${url(peer)}`, `--initial-cluster=default=${url(peer)}`,
    ]),
    launch("kube-apiserver", apiServer, [
      `--etcd-servers=${url(client)}`, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", `--secure-port=${secure}`, `--cert-dir=${certificates}`,
      "--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`,
      `--token-auth-file=${tokens}`, "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
      // Without it a privileged container is invalid, whatever the namespace says. The plugin waits for accounts that a controller would make.
      "--allow-privileged=true", "--disable-admission-plugins=ServiceAccount",
    ]),
  ];
  const certificate = join(certificates, "apiserver.crt");
  const deadline = Date.now() + readyMilliseconds;
  while (Date.now() < deadline) {
    const ended = programs.find(({ child }) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined);
    if (ended !== undefined) return failed(`${ended.name} ended at once`, ended.name);
    if (existsSync(certificate) && !existsSync(kubeconfigFile())) secret("kubeconfig", kubeconfig(`https://127.0.0.1:${secure}`, readFileSync(certificate, "utf8"), token));
    const version = await answers();
    if (version !== undefined) return { path: kubeconfigFile(), source: "built", version };
    await pause(250);
  }
  return failed(`kube-apiserver did not become ready in ${readyMilliseconds / 1000} s`, "kube-apiserver");
}

/** Keeps the log, which stopping would remove with all the rest. */
async function failed(reason: string, program: string): Promise<Resolution> {
  const kept = join(cacheFolder(), `${program}-failed.log`);
  renameSync(logFile(program), kept);
  await stopKubernetes();
  return { missing: `${reason}; see ${kept}` };
}

function secret(name: string, text: string): string {
  const file = join(folder(), name);
  writeFileSync(`${file}.tmp`, text, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
  return file;
}

function launch(name: string, program: string, args: readonly string[]): { readonly name: string; readonly child: ChildProcess } {
  const output = openSync(logFile(name), "a");
  const child = spawn(program, args, { cwd: folder(), stdio: ["ignore", output, output], detached: true });
  child.on("error", () => undefined);
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(name), String(child.pid));
  return { name, child };
}

async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = await Promise.all([0, 1, 2].map(() => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  })));
  const [a = 0, b = 0, c = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [a, b, c];
}

/** Stops what was started here, by its own pid files, and removes what it kept. */
export async function stopKubernetes(): Promise<boolean> {
  const stopped = [await stop("kube-apiserver"), await stop("etcd")].includes(true);
  rmSync(folder(), { recursive: true, force: true });
  return stopped;
}

async function stop(program: string): Promise<boolean> {
  const pid = readPid(pidFile(program));
  if (pid === undefined || !(await isOurs(pid))) return false;
  signal(pid, "SIGTERM");
  for (const deadline = Date.now() + stopMilliseconds; await isOurs(pid); await pause(100)) if (Date.now() > deadline) signal(pid, "SIGKILL");
  return true;
}

/** Whether there was a program to take it. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function readPid(file: string): number | undefined {
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** A pid file may outlive its program, and the number then be another's: ours has a file of this folder among its arguments. */
async function isOurs(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return (await run("ps", ["-o", "args=", "-p", String(pid)])).stdout.includes(folder());
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder());
  } catch {
    return false;
  }
}
