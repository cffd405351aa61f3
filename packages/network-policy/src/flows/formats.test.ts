import { expect, test } from "vitest";
import type { Flow, FlowSummary } from "../model/flow.ts";
import { FlowFormatError, readFlows } from "./read.ts";

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function read(text: string, options: { readonly time?: number } = {}): Promise<{ readonly flows: readonly Flow[]; readonly summary: FlowSummary }> {
  const reading = readFlows("flows", pieces(text), options);
  const flows: Flow[] = [];
  for await (const flow of reading.flows) flows.push(flow);
  return { flows, summary: reading.summary() };
}

const json = (...records: readonly unknown[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join("");
const time = Date.UTC(2026, 0, 1);
const stamp = "2026-01-01T00:00:00.123456789Z";

const hubbleFlow = (more: object): object => ({
  time: stamp, verdict: "FORWARDED", IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" }, l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { SYN: true } } },
  source: { identity: 1000, namespace: "shop", labels: ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop", "k8s:io.cilium.k8s.policy.cluster=default"], pod_name: "web-1", workloads: [{ name: "web", kind: "Deployment" }] },
  destination: { identity: 1001, namespace: "shop", labels: ["k8s:app=api"], pod_name: "api-1" }, Type: "L3_L4", event_type: { type: 4 }, is_reply: false, ...more,
});

test("a flow of Hubble", async () => {
  const { flows, summary } = await read(json({ flow: hubbleFlow({}), node_name: "n", time: stamp }));
  expect(summary).toEqual({ format: "Hubble", read: 1, used: 1, ignored: {}, malformed: { count: 0, first: [] }, lost: 0, incomplete: [], listening: [] });
  expect(flows).toEqual([{
    source: { ip: "10.0.0.1", namespace: "shop", pod: "web-1", labels: { app: "web" }, workload: { namespace: "shop", kind: "Deployment", name: "web" } },
    destination: { ip: "10.0.0.2", namespace: "shop", pod: "api-1", labels: { app: "api" } },
    protocol: "TCP", port: 8080, sourcePort: 40000, direction: "request", verdict: "forwarded", first: time + 123, last: time + 123, count: 1, at: "flows:1",
  }]);
});

test.each<readonly [string, object, object]>([
  ["is_reply decides before flags", { is_reply: true }, { direction: "reply" }],
  ["an absent is_reply is not false: a packet in the middle", { is_reply: undefined, l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { ACK: true } } } }, { direction: "unknown" }],
  ["an absent is_reply and a SYN", { is_reply: undefined }, { direction: "request" }],
  ["an absent is_reply and SYN with ACK", { is_reply: undefined, l4: { TCP: { source_port: 8080, destination_port: 40000, flags: { SYN: true, ACK: true } } } }, { direction: "reply", port: 40000 }],
  ["the field before is_reply", { is_reply: undefined, reply: true }, { direction: "reply" }],
  ["a null is_reply", { is_reply: null, reply: undefined, l4: { UDP: { source_port: 40000, destination_port: 53 } } }, { direction: "unknown", protocol: "UDP", port: 53 }],
  ["REDIRECTED goes on", { verdict: "REDIRECTED" }, { verdict: "forwarded" }],
  ["AUDIT would be dropped", { verdict: "AUDIT" }, { verdict: "audited" }],
  ["a policy's drop", { verdict: "DROPPED", drop_reason_desc: "POLICY_DENIED" }, { verdict: "dropped" }],
  ["IPv6", { IP: { source: "FD00::0:1", destination: "::ffff:10.0.0.2", ipVersion: "IPv6" } }, { source: { ip: "fd00::1" }, destination: { ip: "10.0.0.2" } }],
  ["an echo reply, whose type is left out", { is_reply: undefined, l4: { ICMPv4: {} } }, { protocol: "ICMP", direction: "reply" }],
  ["an echo request of ICMPv6", { is_reply: undefined, l4: { ICMPv6: { type: 128 } } }, { protocol: "ICMP", direction: "request" }],
  ["the world, by its identity alone", { destination: { identity: 2 }, destination_names: ["api.example.com."] }, { destination: { entity: "world", names: ["api.example.com"] } }],
  ["a node that is the API server too", { destination: { identity: 7, labels: ["reserved:host", "reserved:kube-apiserver"] } }, { destination: { entity: "kube-apiserver" } }],
  ["a Service", { destination_service: { name: "api", namespace: "shop" } }, { destination: { service: { namespace: "shop", name: "api" } } }],
  ["SCTP", { l4: { SCTP: { source_port: 1, destination_port: 38412 } } }, { protocol: "SCTP", port: 38412 }],
  ["an answer of a name server", { is_reply: true, Type: "L7", l7: { type: "RESPONSE", dns: { query: "api.example.com.", ips: ["192.0.2.1", "2001:DB8::1"], ttl: 30 } } }, { direction: "reply", dns: { name: "api.example.com", ips: ["192.0.2.1", "2001:db8::1"], ttl: 30 } }],
])("Hubble: %s", async (_, change, expected) => {
  const { flows } = await read(json(JSON.parse(JSON.stringify(hubbleFlow(change)))));
  expect(flows).toMatchObject([expected]);
});

test("what is no flow of Hubble is counted by its reason", async () => {
  const { summary } = await read(json(
    { flow: hubbleFlow({}) }, { lost_events: { source: "PERF_EVENT_RING_BUFFER", num_events_lost: "17" } }, { node_status: { state_change: "NODE_UNAVAILABLE", node_names: ["n"] } },
    { flow: hubbleFlow({ verdict: "TRACED" }) }, { flow: hubbleFlow({ verdict: "DROPPED", drop_reason_desc: "STALE_OR_UNROUTABLE_IP" }) }, { flow: hubbleFlow({ IP: { source: "127.0.0.1", destination: "127.0.0.1" } }) },
    { flow: hubbleFlow({ IP: { source: "10.0.0.1", destination: "ff02::1" } }) }, { flow: hubbleFlow({ source: { pod_name: "web-1" } }) }, { flow: hubbleFlow({ time: "2025-12-31T23:00:00Z" }) }, { flow: hubbleFlow({ l4: {} }) },
  ));
  expect(summary).toMatchObject({
    read: 10, used: 3, lost: 17,
    ignored: { "a report of lost events": 1, "the state of a node": 1, "seen on its way, before any verdict (TRACED)": 1, "dropped for another reason than a policy": 1, "a workload that talks to itself": 1, multicast: 1, "no protocol that a policy can name": 1 },
  });
  expect(summary.incomplete).toEqual(["1 reports of lost events", "1 reports of a node that could not be reached", "1 ends that are a pod without its namespace", "1 records of a clock that went backwards, or of captures that were put together"]);
});

test("malformed records are named by place, and never quoted", async () => {
  const bad = ['{"flow": {"time": "secret', JSON.stringify({ flow: hubbleFlow({ time: "secret" }) }), JSON.stringify({ flow: hubbleFlow({ l4: { TCP: { destination_port: 70000 } } }) }), JSON.stringify({ flow: hubbleFlow({ IP: { source: "secret" } }) }), "secret"];
  const { summary } = await read(`${json({ flow: hubbleFlow({}) })}${bad.join("\n")}\n${"x\n".repeat(20)}{"flow"`);
  expect(summary).toMatchObject({ read: 27, used: 1, malformed: { count: 26 }, incomplete: ["the input ends within a record"] });
  expect(summary.malformed.first).toHaveLength(10);
  expect(summary.malformed.first.slice(0, 3).map(({ at, expected, found }) => `${at}: expected ${expected}, found ${found}`)).toEqual([
    "flows:2: expected a JSON object, found text that is none", "flows:3: expected the time of a flow, RFC 3339, found another value", "flows:4: expected a destination port from 1 to 65535, found another value",
  ]);
  expect(JSON.stringify(summary)).not.toContain("secret");
});

const goldmane = (more: object, flow: object = {}): object => ({ id: "1", flow: { Key: { sourceName: "web-5d8f9-*", sourceNamespace: "shop", sourceType: "WorkloadEndpoint", destName: "api-*", destNamespace: "shop", destType: "WorkloadEndpoint", destPort: "8080", destServiceName: "api", destServiceNamespace: "shop", proto: "tcp", reporter: "Dst", action: "Allow", ...more }, startTime: String(time / 1000), endTime: String(time / 1000 + 15), sourceLabels: ["app=web"], destLabels: ["app=api", "tier=b"], numConnectionsStarted: "3", ...flow } });

test("Goldmane: each connection has two reports, of which the destination's counts", async () => {
  const { flows, summary } = await read(json(goldmane({ reporter: "Src" }), goldmane({}), goldmane({ reporter: "Src", destPort: "9090" }), goldmane({ reporter: "Dst", destPort: "9091", action: "Deny" }), goldmane({ sourceName: "pub", sourceNamespace: "", sourceType: "Network" }), goldmane({ policies: { pendingPolicies: [{ action: "Deny", kind: "StagedNetworkPolicy" }] } })));
  expect(summary).toMatchObject({ format: "Calico Goldmane", read: 6, used: 5, ignored: { "reported by the destination too": 1 }, incomplete: ["1 ends outside, of which the source gives no address"] });
  expect(flows[0]).toEqual({ source: { namespace: "shop", pod: "web-5d8f9-*", labels: { app: "web" } }, destination: { namespace: "shop", pod: "api-*", labels: { app: "api", tier: "b" }, service: { namespace: "shop", name: "api" } }, protocol: "TCP", port: 8080, direction: "request", verdict: "forwarded", first: time, last: time + 15_000, count: 3, at: "flows:2" });
  expect(flows.map(({ port, verdict, source }) => `${source.entity ?? source.pod} ${port} ${verdict}`)).toEqual(["web-5d8f9-* 8080 forwarded", "web-5d8f9-* 9091 dropped", "world 8080 forwarded", "web-5d8f9-* 8080 audited", "web-5d8f9-* 9090 forwarded"]);
});

test("Goldmane: the flat form, and an indented list", async () => {
  const flat = { start_time: stamp, end_time: stamp, action: "Allow", source_name: "web-*", source_namespace: "shop", source_labels: "app=web | tier=a", dest_name: "pvt", dest_namespace: "-", dest_labels: "", protocol: "udp", dest_port: 53, reporter: "Src" };
  for (const text of [json(flat), JSON.stringify({ total: 1, items: [flat] }, null, 2), JSON.stringify([flat]), `\uFEFF${JSON.stringify(flat, null, 2)}`]) {
    const { flows, summary } = await read(text);
    expect(flows).toMatchObject([{ source: { pod: "web-*", labels: { app: "web", tier: "a" } }, destination: { entity: "world" }, protocol: "UDP", port: 53 }]);
    expect(summary.malformed.count).toBe(0);
  }
});

const node = "Node: n;SIP: 10.0.0.1;SPORT: 40000;DIP: 10.0.0.2;DPORT: 53;PROTOCOL: UDP;PolicyVerdict: ";
test.each([
  [`${stamp} ${node}ACCEPT\n`, { verdict: "forwarded", first: time + 123 }],
  [json({ timestamp: time, message: `${node}DENY` }), { verdict: "dropped", first: time }],
  [json({ level: "info", ts: stamp, logger: "ebpf-client", msg: "Flow Info:  ", "Src IP": "10.0.0.1", "Src Port": 40000, "Dest IP": "10.0.0.2", "Dest Port": 53, Proto: "UDP", Verdict: "ACCEPT" }), { first: time + 123 }],
  [json({ level: "info", ts: stamp, caller: "events/events.go:1", msg: "Flow Info: Src IP: 10.0.0.1 Src Port: 40000 Dest IP: 10.0.0.2 Dest Port: 53 Proto: UDP Verdict: ACCEPT Direction: egress" }), {}],
])("AWS VPC CNI: %s", async (text, expected) => {
  const { flows, summary } = await read(text);
  expect(summary.format).toBe("AWS VPC CNI");
  expect(flows).toMatchObject([{ source: { ip: "10.0.0.1" }, destination: { ip: "10.0.0.2" }, protocol: "UDP", port: 53, sourcePort: 40000, direction: "request", ...expected }]);
});

test("AWS VPC CNI: the end of a connection and other messages are no flow; a line without a time is counted", async () => {
  const { summary } = await read(`${node}ACCEPT\n${node}EXPIRED/DELETED\n${json({ level: "info", logger: "ebpf-client", msg: "Updating maps" })}${node}MAYBE\n`);
  expect(summary).toMatchObject({ read: 4, used: 1, ignored: { "the end of a connection": 1, "another message of the agent": 1 }, malformed: { count: 1 }, incomplete: ["only pods that a policy selects already are in this log", "1 records without a time"] });
});

const access = { start_time: stamp, protocol: "HTTP/1.1", response_code: 200, response_flags: "-", upstream_host: "10.0.0.2:9080", upstream_cluster: "outbound|9080||reviews.shop.svc.cluster.local", upstream_local_address: "10.0.0.1:40000", downstream_local_address: "10.96.0.9:9080", downstream_remote_address: "10.0.0.1:39999", requested_server_name: "-" };
test.each([
  ["to a pod, from its sidecar", {}, [{ source: { ip: "10.0.0.1" }, destination: { ip: "10.0.0.2", service: { namespace: "shop", name: "reviews" } }, port: 9080, verdict: "forwarded" }]],
  ["to the pod, at its own sidecar", { upstream_cluster: "inbound|9080||", upstream_host: "127.0.0.6:9080", downstream_local_address: "10.0.0.2:9080", downstream_peer_uri_san: "spiffe://cluster.local/ns/shop/sa/web" }, [{ source: { ip: "10.0.0.1", namespace: "shop" }, destination: { ip: "10.0.0.2" }, port: 9080 }]],
  ["refused by authorization", { upstream_cluster: "inbound|9080||", upstream_host: "-", downstream_local_address: "10.0.0.2:9080", response_code_details: "rbac_access_denied_matched_policy[none]" }, [{ verdict: "dropped" }]],
  ["outside, by name", { upstream_cluster: "PassthroughCluster", upstream_host: "192.0.2.1:443", requested_server_name: "api.example.com" }, [{ destination: { ip: "192.0.2.1", names: ["api.example.com"] }, port: 443 }]],
  ["no connection was made", { response_flags: "UF,URX" }, [{ verdict: "dropped" }]],
  ["a gateway, between its client and a pod", { downstream_remote_address: "203.0.113.7:1234", downstream_local_address: "10.0.0.1:8443" }, [{ source: { ip: "203.0.113.7" }, destination: { ip: "10.0.0.1" }, port: 8443 }, { source: { ip: "10.0.0.1" }, destination: { ip: "10.0.0.2" }, port: 9080 }]],
])("Envoy: %s", async (_, change, expected) => {
  const { flows, summary } = await read(json({ ...access, ...change }));
  expect(summary).toMatchObject({ format: "Envoy access log (JSON)", read: 1, used: 1 });
  expect(flows).toMatchObject(expected);
});

test("Envoy: Istio's text, and Envoy's own, which names no client", async () => {
  const head = `[${stamp}] "GET /a HTTP/1.1" 200 - via_upstream - "-" 0 178 3 2 "-" "curl/8 \\"x\\"" "b" "reviews:9080" "10.0.0.2:9080"`;
  const { flows, summary } = await read(`${head} outbound|9080||reviews.shop.svc.cluster.local 10.0.0.1:40000 10.96.0.9:9080 10.0.0.1:39999 - default\n${head.replace(" via_upstream -", "")}\n`);
  expect(flows).toMatchObject([{ source: { ip: "10.0.0.1" }, destination: { ip: "10.0.0.2", service: { name: "reviews" } }, port: 9080, first: time + 123 }]);
  expect(summary).toMatchObject({ format: "Envoy access log (text)", ignored: { "a line that names no client, in Envoy's own default format": 1 } });
});

test("Inspektor Gadget: records of today and of the older gadget", async () => {
  const k8s = { namespace: "shop", podName: "web-1", podLabels: "app=web,tier=a", owner: { kind: "Deployment", name: "web" }, hostnetwork: false };
  const { flows, summary } = await read(json(
    { k8s, endpoint: { addr: "10.0.0.2", port: 8080, proto: "TCP", version: 4, k8s: { kind: "pod", name: "api-1", namespace: "shop", labels: "app=api" } }, egress: 1 },
    { k8s, endpoint: { addr: "10.96.0.1", port: 443, proto: "TCP", k8s: { kind: "svc", name: "kubernetes", namespace: "default", labels: "" } }, egress: 1 },
    { k8s, endpoint: { addr: "192.0.2.9", port: 80, proto: "TCP", k8s: { kind: "raw" } }, egress: 0 },
    { type: "normal", namespace: "shop", pod: "web-1", podIP: "10.0.0.1", podHostIP: "10.9.0.1", podLabels: { app: "web" }, pktType: "HOST", proto: "tcp", port: 80, remoteKind: "other", remoteAddr: "10.9.0.1" },
    { k8s: { ...k8s, hostnetwork: true }, endpoint: { addr: "192.0.2.9", port: 80, proto: "TCP", k8s: { kind: "raw" } }, egress: 1 },
  ));
  expect(flows).toMatchObject([
    { source: { namespace: "shop", pod: "web-1", labels: { app: "web", tier: "a" }, workload: { namespace: "shop", kind: "Deployment", name: "web" } }, destination: { pod: "api-1", ip: "10.0.0.2" }, port: 8080 },
    { destination: { ip: "10.96.0.1", service: { namespace: "default", name: "kubernetes" } } },
    { source: { ip: "192.0.2.9" }, destination: { pod: "web-1" }, port: 80 },
  ]);
  expect(summary.ignored).toEqual({ "from the pod's own node, which is always allowed": 1, "a pod on the network of its host": 1 });
});

test("conntrack: the address and port after translation, and who opened the connection", async () => {
  const { flows, summary } = await read([
    "ipv4     2 tcp      6 431999 ESTABLISHED src=172.18.0.3 dst=10.96.0.1 sport=43210 dport=80 src=172.18.0.2 dst=172.18.0.3 sport=8080 dport=43210 [ASSURED] mark=0 use=1",
    "ipv6     10 udp      17 29 src=fd00::3 dst=fd00::2 sport=5000 dport=53 [UNREPLIED] src=fd00::2 dst=fd00::3 sport=53 dport=5000 mark=0 use=1",
    "tcp      6 119 SYN_SENT src=172.18.0.3 dst=172.18.0.9 sport=43211 dport=80 [UNREPLIED] src=172.18.0.9 dst=172.18.0.3 sport=80 dport=43211",
    "icmp     1 29 src=172.18.0.3 dst=172.18.0.2 type=8 code=0 id=1 src=172.18.0.2 dst=172.18.0.3 type=0 code=0 id=1",
    "[1767225600.500000]\t [UPDATE] ipv4     2 tcp      6 432000 ESTABLISHED src=172.18.0.3 dst=172.18.0.2 sport=1 dport=2 src=172.18.0.2 dst=172.18.0.3 sport=2 dport=1 [ASSURED]",
    "tcp      6 bad", "",
  ].join("\n"), { time });
  expect(flows).toMatchObject([
    { source: { ip: "172.18.0.3" }, destination: { ip: "172.18.0.2" }, port: 8080, sourcePort: 43210, direction: "request", first: time },
    { source: { ip: "fd00::3" }, destination: { ip: "fd00::2" }, protocol: "UDP", port: 53 }, { protocol: "ICMP" }, { port: 2, first: time + 500 },
  ]);
  expect(summary).toMatchObject({ read: 6, used: 4, ignored: { "an attempt without an answer": 1 }, malformed: { count: 1 } });
});

test("ss: sockets of one namespace, whose direction only the listening ones tell", async () => {
  const { flows, summary } = await read([
    "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess", "LISTEN 0      128    0.0.0.0:5432      0.0.0.0:*", "LISTEN 0      128    [::]:5432      [::]:*", 'ESTAB  0      0      172.18.0.2:5432   172.18.0.3:43210 users:(("postgres",pid=1,fd=9))',
    "ESTAB  0      0      [::ffff:172.18.0.2]:5432   [::ffff:172.18.0.4]:43211", "SYN-SENT 0 1 172.18.0.2:40000 172.18.0.9:80", "tcp ESTAB 0 0 [fe80::1%eth0]:22 [fe80::2%eth0]:50000", "",
  ].join("\n"), { time });
  expect(flows).toMatchObject([{ source: { ip: "172.18.0.2" }, sourcePort: 5432, destination: { ip: "172.18.0.3" }, port: 43210, direction: "unknown" }, { destination: { ip: "172.18.0.4" } }, { source: { ip: "fe80::1" } }]);
  expect(summary).toMatchObject({ read: 7, used: 3, listening: [{ protocol: "TCP", port: 5432 }], ignored: { "a socket that listens": 2, "an attempt without an answer": 1, "a heading": 1 } });
});

test("CSV: any columns of the documented ones, in any order", async () => {
  const { flows, summary } = await read('protocol,port,source_namespace,source_workload,source_labels,destination_ip,destination_names,first,count\r\nTCP,443,shop,Deployment/web,"app=web;note=a,""b""",192.0.2.1,api.example.com,2026-01-01T00:00:00Z,4\r\nTCP,,shop,Deployment/web,,192.0.2.1,,,\r\nTCP,443,,Deployment/web,,192.0.2.1,,,\r\nTCP,443\r\n"TCP,443\r\n');
  expect(flows).toEqual([{ source: { namespace: "shop", workload: { namespace: "shop", kind: "Deployment", name: "web" }, labels: { app: "web", note: 'a,"b"' } }, destination: { ip: "192.0.2.1", names: ["api.example.com"] }, protocol: "TCP", port: 443, direction: "request", verdict: "forwarded", first: time, last: time, count: 4, at: "flows:2" }]);
  expect(summary.malformed.first.map(({ at, expected }) => `${at} ${expected}`)).toEqual(["flows:3 a port from 1 to 65535", "flows:4 Kind/name in source_workload, and its source_namespace", "flows:5 9 cells, as in the heading", "flows:6 cells divided by commas, with quotes that close"]);
});

test("records of another format in the same file are counted and named", async () => {
  const { summary } = await read(`${json({ flow: hubbleFlow({}) }, { flow: hubbleFlow({}) }, goldmane({}))}${node}ACCEPT\n`);
  expect(summary).toMatchObject({ format: "Hubble", read: 4, used: 2, ignored: { "a record of another format, Calico Goldmane": 1, "a record of another format, AWS VPC CNI": 1 }, incomplete: ["1 records of another format, Calico Goldmane", "1 records of another format, AWS VPC CNI"] });
});

test("an input of no known format is an error that names the formats; an empty one is incomplete", async () => {
  await expect(read("hello\nworld\n")).rejects.toThrow(FlowFormatError);
  await expect(read('{"a": 1}\n')).rejects.toThrow(/^flows: expected flows of bulkhead recording, Hubble, .* or CSV; none of the first 1 records looks like one$/);
  expect((await read("\n \n")).summary).toMatchObject({ format: "none", read: 0, incomplete: ["the input has no record"] });
});
