import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import type { Comparison } from "./statistics.ts";
import { compare, median } from "./statistics.ts";

const findings = 6600;

/** A report of 10 MB, as Trivy writes it of an image with thousands of vulnerabilities. */
export function writeReport(file: string): void {
  const digest = `sha256:${"1".repeat(64)}`;
  const vulnerability = (index: number): object => ({
    VulnerabilityID: `CVE-2026-${10_000 + (index % 5000)}`,
    VendorIDs: [`DSA-${index}-1`],
    PkgName: `package-${index % 400}`,
    PkgIdentifier: { PURL: `pkg:deb/debian/package-${index % 400}@1.2.3?arch=amd64&distro=debian-13`, UID: "0123456789abcdef" },
    InstalledVersion: "1.2.3",
    ...(index % 2 === 0 ? { FixedVersion: "1.2.4" } : {}),
    Layer: { DiffID: digest },
    Severity: ["CRITICAL", "HIGH", "MEDIUM", "LOW"][index % 4],
    Description: "A description of what is wrong. ".repeat(22),
    CVSS: { nvd: { V3Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", V3Score: 9.8 } },
    References: [1, 2, 3, 4].map((number) => `https://example.com/advisories/${index}/${number}`),
    PublishedDate: "2026-01-01T00:00:00Z",
    LastModifiedDate: "2026-01-02T00:00:00Z",
  });
  const Vulnerabilities = Array.from({ length: findings }, (_, index) => vulnerability(index));
  writeFileSync(file, JSON.stringify({ SchemaVersion: 2, CreatedAt: "2026-11-01T12:00:00Z", ArtifactName: "app", ArtifactType: "container_image", Metadata: { RepoDigests: [`registry.example.com/app@${digest}`] }, Results: [{ Target: "app", Class: "os-pkgs", Vulnerabilities }] }));
}

interface Figures {
  readonly findings: number;
  readonly processor: number;
  readonly wall: number;
  readonly peak: number;
}

/** Reading a report of 10 MB in a process of its own: processor time against `JSON.parse` alone, time on the clock, peak memory. */
export async function reports(folder: string): Promise<readonly Comparison[]> {
  const file = join(folder, "report.json");
  writeReport(file);
  const program = (read: string): string => `
    const { readFileSync } = require("node:fs");
    const read = ${read};
    const [cpu, begin] = [process.cpuUsage(), performance.now()];
    const findings = read(readFileSync(${JSON.stringify(file)}));
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ findings, processor: (user + system) / 1000, wall: performance.now() - begin, peak: process.resourceUsage().maxRSS / 1024 }));`;
  const ours = join(folder, "read-report.cjs");
  const plain = join(folder, "parse-report.cjs");
  writeFileSync(ours, program(`(bytes) => require(${JSON.stringify(join(root, "packages/image-evidence/dist/index.js"))}).readReport(bytes, "report.json").content.findings.length`));
  writeFileSync(plain, program('(bytes) => JSON.parse(bytes.toString("utf8")).Results[0].Vulnerabilities.length'));
  const measured: Figures[] = [];
  const measure = (script: string, into?: Figures[]) => async (): Promise<number> => {
    const { code, stdout, stderr } = await run(process.execPath, [script]);
    if (code !== 0) throw new Error(stderr);
    const figures = JSON.parse(stdout) as Figures;
    if (figures.findings !== findings) throw new Error(`${figures.findings} findings, not ${findings}`);
    into?.push(figures);
    return figures.processor;
  };
  const comparison = await compare(`reading a report of ${(statSync(file).size / 1e6).toFixed(1)} MB (processor)`, "ms", { name: "readReport", measure: measure(ours, measured) }, { name: "JSON.parse alone", measure: measure(plain) }, 10);
  say(`reading it: ${median(measured.map(({ wall }) => wall)).toFixed(0)} ms on the clock (limit 1000), with the package's own start; peak memory ${Math.max(...measured.map(({ peak }) => peak)).toFixed(0)} MiB (limit 200)`);
  return [comparison];
}
