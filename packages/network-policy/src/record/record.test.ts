import { describe, expect, test } from "vitest";
import type { Flow } from "../model/flow.ts";
import { parseLocalAddresses, parseSocketTable, type Socket } from "./proc-net.ts";
import { Recorder } from "./recorder.ts";

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

describe("/proc/net", () => {
  test("IPv4, in the order of the machine's bytes, with its states", () => {
    const text = `${heading}   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n   1: 020012AC:1538 030012AC:A8CA 01 00000000:00000000 00:00000000 00000000     0        0 2\n   2: 020012AC:9C40 030012AC:0050 06 00000000:00000000 00:00000000 00000000     0        0 0\n   3: 020012AC:9C41 030012AC:0050 02 0 0\n   4: bad\n`;
    expect(parseSocketTable(text, "tcp")).toEqual({
      sockets: [
        { protocol: "TCP", ip: "0.0.0.0", port: 5432, peerIp: "0.0.0.0", peerPort: 0, state: "listening" }, { protocol: "TCP", ip: "172.18.0.2", port: 5432, peerIp: "172.18.0.3", peerPort: 43210, state: "open" },
        { protocol: "TCP", ip: "172.18.0.2", port: 40000, peerIp: "172.18.0.3", peerPort: 80, state: "closed" }, { protocol: "TCP", ip: "172.18.0.2", port: 40001, peerIp: "172.18.0.3", peerPort: 80, state: "attempt" },
      ],
      unread: 1,
    });
    expect(parseSocketTable("0: AC120002:1538 AC120003:A8CA 01", "tcp", false).sockets).toMatchObject([{ ip: "172.18.0.2", peerIp: "172.18.0.3" }]);
  });
  test("IPv6, and IPv4 that is mapped into it", () => {
    expect(parseSocketTable("0: 0000000000000000FFFF0000020012AC:0050 0000000000000000FFFF0000030012AC:A8CA 01\n1: B80D0120000000000000000001000000:0050 000000FD000000000000000002000000:A8CA 01", "tcp6").sockets).toMatchObject([{ ip: "172.18.0.2", peerIp: "172.18.0.3" }, { ip: "2001:db8::1", peerIp: "fd00::2" }]);
  });
  test("UDP: a socket without a peer listens", () => {
    expect(parseSocketTable("0: 00000000:0035 00000000:0000 07\n1: 020012AC:A8CA 030012AC:0035 01", "udp").sockets.map(({ protocol, state }) => [protocol, state])).toEqual([["UDP", "listening"], ["UDP", "open"]]);
  });
  test("the namespace's own addresses", () => {
    const trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 172.18.0.0\n        /16 link UNICAST\n     |-- 172.18.0.2\n        /32 host LOCAL\n     |-- 172.18.255.255\n        /32 link BROADCAST\n";
    expect([...parseLocalAddresses(trie, "fd000000000000000000000000000002 04 40 00 80     eth0\n")]).toEqual(["127.0.0.1", "172.18.0.2", "fd00::2"]);
  });
});

describe("samples of sockets become flows", () => {
  const socket = (port: number, peerIp: string, peerPort: number, more: Partial<Socket> = {}): Socket => ({ protocol: "TCP", ip: "172.18.0.2", port, peerIp, peerPort, state: "open", ...more });
  const listening = (port: number, protocol: Socket["protocol"] = "TCP", ip = "0.0.0.0"): Socket => socket(port, "0.0.0.0", 0, { protocol, ip, state: "listening" });
  const recorder = (): Recorder => {
    const made = new Recorder();
    made.know({ name: "api", ips: ["172.18.0.2"], gateways: ["172.18.0.1"] });
    made.know({ name: "web", ips: ["172.18.0.3"], gateways: ["172.18.0.1"] });
    return made;
  };
  const edges = (made: Recorder): readonly string[] => made.flows().map(({ source, destination, protocol, port, direction, count }: Flow) => `${source.container ?? source.entity ?? source.ip} > ${destination.container ?? destination.ip} ${protocol} ${port} ${direction} x${count}`);

  test("a port that is listened on was connected to, whoever lists it first; the host is known by its address", () => {
    const made = recorder();
    made.sample("api", [socket(8080, "172.18.0.3", 31_000), socket(8080, "172.18.0.1", 40_000), listening(8080)], 1000);
    expect(edges(made)).toEqual(["host > api TCP 8080 request x1", "web > api TCP 8080 request x1"]);
    expect(made.listening()).toEqual([{ container: "api", protocol: "TCP", port: 8080 }]);
  });
  test("one connection is one, in each sample and from both ends", () => {
    const made = recorder();
    for (const time of [1000, 2000, 3000]) {
      made.sample("api", [listening(8080), socket(8080, "172.18.0.3", 40_000)], time);
      made.sample("web", [socket(40_000, "172.18.0.2", 8080, { ip: "172.18.0.3" })], time);
    }
    made.sample("web", [socket(40_001, "172.18.0.2", 8080, { ip: "172.18.0.3", state: "closed" })], 4000);
    expect(edges(made)).toEqual(["web > api TCP 8080 request x2"]);
    expect(made.flows()[0]).toMatchObject({ first: 1000, last: 4000 });
  });
  test("what had ended when the recording began is no part of it, however long it is listed, at either end; the same ends may connect anew", () => {
    const made = recorder();
    const [served, asked] = [socket(8080, "172.18.0.3", 40_000, { state: "closed" }), socket(40_000, "172.18.0.2", 8080, { ip: "172.18.0.3", state: "closed" })];
    const flow: Flow = { source: { ip: "172.18.0.3" }, destination: { ip: "172.18.0.2" }, protocol: "TCP", port: 8080, sourcePort: 40_000, direction: "request", verdict: "forwarded", first: 1000, last: 1000, count: 1, at: "" };
    made.sample("api", [listening(8080), served], 1000, true);
    made.tracked(flow, true, true);
    made.sample("web", [asked], 2000);
    made.tracked(flow, true);
    expect(edges(made)).toEqual([]);
    made.sample("web", [socket(40_001, "172.18.0.2", 8080, { ip: "172.18.0.3", state: "closed" })], 3000);
    made.tracked(flow);
    expect(edges(made)).toEqual(["web > api TCP 8080 request x2"]);
  });
  test("what Docker's name server passes on is not the container's; what the container asks of another one is", () => {
    const made = new Recorder();
    made.know({ name: "api", ips: ["172.18.0.2"], gateways: [], resolvers: ["192.0.2.53"] });
    made.sample("api", [socket(40_000, "192.0.2.53", 53, { protocol: "UDP" }), socket(40_001, "192.0.2.54", 53, { protocol: "UDP" }), socket(40_002, "192.0.2.53", 853)], 1000);
    expect(edges(made)).toEqual(["api > 192.0.2.53 TCP 853 request x1", "api > 192.0.2.54 UDP 53 request x1"]);
    expect(made.counts().resolved).toBe(1);
  });
  test("a client's port opens, another without a listener is not known", () => {
    const made = recorder();
    made.sample("api", [socket(40_000, "192.0.2.1", 443), socket(9000, "192.0.2.1", 9001)], 1000);
    expect(edges(made)).toEqual(["api > 192.0.2.1 TCP 443 request x1", "api > 192.0.2.1 TCP 9001 unknown x1"]);
    expect(made.flows()[1]?.sourcePort).toBe(9000);
  });
  test("loopback, attempts and UDP clients without a peer are no flows, and counted", () => {
    const made = recorder();
    made.sample("api", [socket(40_000, "127.0.0.11", 53, { ip: "127.0.0.1" }), socket(40_000, "192.0.2.1", 80, { state: "attempt" }), listening(40_001, "UDP"), listening(5000, "TCP", "127.0.0.1")], 1000);
    expect(made.counts()).toEqual({ flows: 0, overflow: 0, loopback: 1, resolved: 0, attempts: 1 });
    expect(made.listening()).toEqual([]);
  });
});
