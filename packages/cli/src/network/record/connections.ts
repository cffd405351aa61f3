import { spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { type Flow, parseConntrack } from "@bulkhead/network-policy";

/** Connections of one network namespace, as its connection tracking reports them. */
export interface Connections {
  /** Those since the last call, and how many reports were lost or not kept. */
  readonly take: () => { readonly flows: readonly Flow[]; readonly lost: number };
  readonly stop: () => void;
}

/** Reports that are kept between two looks. */
const mostKept = 100_000;
/** Bytes of the socket that reports come through; the usual 200 KiB are full after some hundred. */
const bufferSize = 1 << 20;
const [tries, pause] = [50, 20];

/** NETLINK_NETFILTER, of include/uapi/linux/netlink.h. */
const netfilter = "12";

/**
 * Follows the connection tracking of a process's namespace by the program `conntrack`, through `nsenter`: every connection that was answered, however short, and
 * every datagram. Undefined where one of the two is not installed, or may not.
 */
export async function followConnections(pid: number): Promise<Connections | undefined> {
  const args = [`--net=/proc/${pid}/ns/net`, "conntrack", "--event", "--event-mask", "NEW,UPDATES", "--output", "extended,timestamp", "--buffer-size", String(bufferSize)];
  // A process group of its own: an interrupt from the keyboard is for the recording, which ends this.
  const child = spawn("nsenter", args, { stdio: ["ignore", "pipe", "pipe"], detached: true, env: { PATH: process.env["PATH"], LC_ALL: "C" } });
  let [rest, lost, hasEnded] = ["", 0, false];
  let lines: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts.filter(isConnection)) {
      if (lines.length < mostKept) lines.push(line);
      else lost++;
    }
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (lost += chunk.match(/ENOBUFS/g)?.length ?? 0));
  let isStopped = false;
  for (const event of ["error", "close"] as const) {
    child.on(event, () => {
      // Whatever comes after an end that nobody asked for is lost: at least one report.
      if (!hasEnded && !isStopped) lost++;
      hasEnded = true;
    });
  }
  const stop = (): void => {
    isStopped = true;
    child.kill();
  };
  for (let count = 0; count < tries && !hasEnded; count++) {
    if (await listens(child.pid)) {
      return {
        stop,
        take: () => {
          const taken = { flows: parseConntrack(lines.join("\n"), Date.now()), lost };
          [lines, lost] = [[], 0];
          return taken;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  stop();
  return undefined;
}

/** TCP and SCTP once they are established, a datagram at once, and what is asked by ICMP once it is answered. */
function isConnection(line: string): boolean {
  return / ESTABLISHED /.test(line) || (/\[NEW\]/.test(line) && / udp(lite)? /.test(line)) || (/\[UPDATE\]/.test(line) && / icmp(v6)? /.test(line));
}

/** Whether a process has subscribed to reports: before that, none comes. */
async function listens(pid: number | undefined): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const table = await readFile(`/proc/${pid}/net/netlink`, "utf8").catch(() => "");
  return table.split("\n").map((line) => line.trim().split(/\s+/)).some((columns) => columns[1] === netfilter && Number.parseInt(columns[3] ?? "0", 16) > 0 && own.has(columns.at(-1) ?? ""));
}
