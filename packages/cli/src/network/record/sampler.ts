import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { type Flow, parseConntrack, parseLocalAddresses, parseSocketTable, type Socket, type SocketTable, socketTables } from "@bulkhead/network-policy";
import { followConnections } from "./connections";
import { reasonIn, type RunningContainer } from "./engine";

/** What one look at a container's network namespace shows. */
export interface Sample {
  readonly sockets: readonly Socket[];
  /** Of the namespace's own connection tracking, where it has one. */
  readonly tracked: readonly Flow[];
  /** Of these tables too: connections that have ended. */
  readonly ended: readonly Flow[];
  /** Reports of connections that were lost. */
  readonly lost: number;
}

/** Looks at the sockets of one container. */
export interface Sampler {
  readonly how: "host" | "helper";
  /**
   * What is known of connections besides the sockets that are open, or wait, when they are looked at: all (`followed`), those of the last seconds (`read`), or
   * nothing (`none`).
   */
  readonly tracking: "followed" | "read" | "none";
  /** @throws Error when the namespace cannot be read: the container has ended. */
  readonly sample: () => Promise<Sample>;
  readonly stop: () => void;
}

const littleEndian = endianness() === "LE";

function parseTables(tables: readonly (readonly [SocketTable, string])[]): readonly Socket[] {
  return tables.flatMap(([table, text]) => parseSocketTable(text, table, littleEndian).sockets);
}

const isEnded = (line: string): boolean => / (TIME_WAIT|LAST_ACK|CLOSE) /.test(line);

/**
 * Reads the namespace through the container's first process. Undefined where that process is not the container's: the daemon runs in a virtual machine or on
 * another host, and its numbers of processes mean others here.
 */
export async function hostSampler({ pid, ips, networks }: RunningContainer): Promise<Sampler | undefined> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/net/${file}`, "utf8");
  const own = parseLocalAddresses(await read("fib_trie").catch(() => ""), await read("if_inet6").catch(() => ""));
  if (!ips.some((ip) => own.has(ip))) return undefined;
  // On the default bridge no name server of Docker has rules in the namespace: nothing is tracked, though there is a table.
  const isTracked = networks.some(({ network }) => network !== "bridge");
  const connections = isTracked ? await followConnections(pid) : undefined;
  const isReadable = isTracked && (await read("nf_conntrack").then(() => true, () => false));
  return {
    how: "host",
    tracking: connections !== undefined ? "followed" : isReadable ? "read" : "none",
    sample: async () => {
      // Without IPv6 there are no tables of it.
      const tables = await Promise.all(socketTables.map(async (table) => [table, table.endsWith("6") ? await read(table).catch(() => "") : await read(table)] as const));
      const lines = isReadable ? (await read("nf_conntrack").catch(() => "")).split("\n") : [];
      const [open, ended] = [lines.filter((line) => !isEnded(line)), lines.filter(isEnded)].map((some) => parseConntrack(some.join("\n"), Date.now())) as [readonly Flow[], readonly Flow[]];
      const { flows, lost } = connections?.take() ?? { flows: [], lost: 0 };
      return { sockets: parseTables(tables), tracked: [...flows, ...open], ended, lost };
    },
    stop: () => connections?.stop(),
  };
}

const script = `while read -r tick; do for table in ${socketTables.join(" ")}; do echo "table $table"; [ -r /proc/net/$table ] && cat /proc/net/$table; done; echo "end $tick"; done`;
/** A helper that does not answer for this long is given up, milliseconds. */
const patience = 20_000;

/**
 * A helper container on the target's network namespace, for a daemon in a virtual machine. It has no capability, no privilege and no network of its own, reads
 * /proc/net when it is asked to, and ends with this process; what it says is kept in no log. The image needs `sh` and `cat`, and is never pulled.
 */
export function helperSampler({ id }: RunningContainer, image: string, env: NodeJS.ProcessEnv): Sampler {
  const args = ["run", "--rm", "--interactive", "--network", `container:${id}`, "--user", "65534:65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--memory", "64m", "--pids-limit", "16", "--log-driver", "none", "--pull", "never", "--label", "bulkhead.record=helper", "--entrypoint", "sh", image, "-c", script];
  // A process group of its own: an interrupt from the keyboard is for the recording, which ends this.
  const child = spawn("docker", args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const answers = new Answers(child);
  let tick = 0;
  return {
    how: "helper",
    tracking: "none",
    sample: async () => {
      tick++;
      const text = await answers.ask(`${tick}\n`, `end ${tick}\n`);
      const tables = text.split(/^table /m).slice(1).map((part) => [part.slice(0, part.indexOf("\n")) as SocketTable, part.slice(part.indexOf("\n") + 1)] as const);
      return { sockets: parseTables(tables), tracked: [], ended: [], lost: 0 };
    },
    stop: () => child.stdin.end(),
  };
}

/** Questions to a helper, one at a time. */
class Answers {
  readonly #child: ChildProcessWithoutNullStreams;
  #text = "";
  #errors = "";
  #ended = false;
  #waiting: (() => void) | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      this.#waiting?.();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    for (const event of ["error", "close"] as const) {
      child.on(event, () => {
        this.#ended = true;
        this.#waiting?.();
      });
    }
    child.stdin.on("error", () => undefined);
  }

  async ask(question: string, end: string): Promise<string> {
    this.#text = "";
    if (!this.#ended) this.#child.stdin.write(question);
    const deadline = Date.now() + patience;
    while (!this.#text.endsWith(end)) {
      if (this.#ended) throw new Error(`the helper container ended: ${reasonIn(this.#errors)}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error("the helper container does not answer");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#text.slice(0, -end.length);
  }
}
