import { spawn } from "node:child_process";
import { type Credential, CredentialError, withPassword } from "./credential";
import { parseObject } from "./json";

const maxOutput = 1024 * 1024;
/** What the helpers of docker-credential-helpers print where they know nothing (credentials/error.go). */
const nothing = /credentials not found in native keychain|no credentials server URL|credentials not found/i;

/**
 * Runs `docker-credential-NAME get` with the server's name on standard input, without a shell. Nothing where the helper has
 * no credential. What it prints is never repeated.
 */
export async function runHelper(name: unknown, server: string, env: NodeJS.ProcessEnv, milliseconds: number): Promise<Credential | undefined> {
  if (typeof name !== "string" || !/^[A-Za-z0-9_.-]+$/.test(name)) throw new CredentialError("Docker's configuration names a credential helper whose name is not made of letters, digits, dots, hyphens and underscores");
  const program = `docker-credential-${name}`;
  const { code, output } = await execute(program, server, env, milliseconds);
  if (code !== 0) {
    if (nothing.test(output)) return undefined;
    throw new CredentialError(`${program} ended with exit code ${code}`);
  }
  const { Username: username, Secret: secret } = parseObject(output) ?? {};
  if (typeof username !== "string" || typeof secret !== "string") throw new CredentialError(`${program}: expected a JSON object with Username and Secret`);
  return secret === "" ? undefined : withPassword(username, secret);
}

function execute(program: string, server: string, env: NodeJS.ProcessEnv, milliseconds: number): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env, stdio: ["pipe", "pipe", "ignore"], detached: process.platform !== "win32" });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (reason: string): void => {
      clearTimeout(timer);
      killGroup(child.pid);
      child.stdout.destroy();
      reject(new CredentialError(`${program} ${reason}`));
    };
    const timer = setTimeout(() => end(`took longer than ${milliseconds} ms`), milliseconds);
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutput) end(`printed more than ${maxOutput} bytes`);
      else chunks.push(chunk);
    });
    child.on("error", (error: NodeJS.ErrnoException) => end(`cannot be started (${error.code ?? "unknown"})`));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString("utf8") });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(server);
  });
}

/** A helper that hangs may hang in a program that it started. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
