import type { ConcludeContext } from "./conclude";
import { imageDigests, noDigest, originOf, uniqueSubjects } from "./conclude";
import type { SbomContent } from "./cyclonedx";
import { formatInstant } from "../instant";
import type { DocumentContent, NoEvidence, Reading, SubjectDigest } from "./reading";
import { deniedScanners, isDenied, shownScanner } from "./scanner";

/**
 * A list of components: of base images, and of what is said of vulnerabilities. It is no scan, even with vulnerabilities in it: its
 * only time is one that conversion sets anew. `attested`: the subjects of the statement that it came in, which win.
 */
export function concludeSbom(sbom: SbomContent, context: ConcludeContext, attested?: readonly SubjectDigest[]): Reading {
  const { options } = context;
  const origin = originOf(sbom.format, context);
  const subjects = attested ?? uniqueSubjects(sbom.subjects);
  const content: DocumentContent = { subjects, findings: sbom.findings, ...(sbom.written === undefined ? {} : { time: formatInstant(sbom.written) }) };
  const refuse = (reason: NoEvidence["reason"], message: string): NoEvidence => ({ kind: "none", reason, message, origin, content });
  const denied = sbom.tools.find((tool) => isDenied(tool, [...deniedScanners, ...(options.deniedScanners ?? [])]));
  if (denied !== undefined) return refuse("denied-scanner", `made by ${shownScanner(denied)}, a version that is known to be bad: make it again with another one`);
  const { vex, baseImages } = sbom;
  if (vex !== undefined && sbom.componentCount === 0) return { kind: "vex", origin: { ...origin, format: "cyclonedx-vex" }, content, vex };
  if (attested === undefined && !sbom.isImage) return refuse("not-an-image", "a list of components of something else than an image");
  const digests = imageDigests(subjects, options.manifestOf);
  if (digests.length === 0) return refuse("no-digest", noDigest(subjects));
  if (sbom.findings.length > 0 && baseImages.length === 0 && vex === undefined) return refuse("restamped", "it lists vulnerabilities, but its only time is set anew whenever a report is converted, so it does not say when the image was scanned: give the scanner's own JSON");
  return { kind: "sbom", origin, content, digests, baseImages, ...(vex === undefined ? {} : { vex }) };
}
