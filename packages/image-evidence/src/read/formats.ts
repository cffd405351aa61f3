import type { Digest } from "@bulkhead/core";
import { azureRowsOf, isEcr, occurrencesOf, readAzure, readEcr, readGcp } from "./cloud";
import { isGrypeReport, readGrypeReport } from "./grype";
import { isHarborArtifact, isHarborReport, readHarborArtifact, readHarborReport } from "./harbor";
import type { Node } from "./node";
import type { ScanDraft } from "./reading";
import { isSarif, readSarif } from "./sarif";
import { isLegacyTrivy, isTrivyCluster, isTrivyOperator, isTrivyReport, readTrivyOperator, readTrivyReport } from "./trivy";
import { aquaReportOf, isClair, isGitLab, isPrisma, isSysdig, isWiz, isXray, readAqua, readClair, readGitLab, readPrisma, readSnyk, readSysdig, readWiz, readXray, snykProjectsOf } from "./vendors";

/** What a report of a scan says, by its format; nothing for a value of no format that is known. */
export function readScan(document: Node, maxFindings: number, askedFor?: Digest): ScanDraft | undefined {
  if (isTrivyReport(document)) return readTrivyReport(document, maxFindings);
  if (isGrypeReport(document)) return readGrypeReport(document, maxFindings);
  if (isTrivyCluster(document)) return known("trivy-k8s", "trivy", "not-an-image", "a scan of a cluster: scan each image");
  if (isLegacyTrivy(document)) return known("trivy-legacy", "trivy", "no-digest", "a report of Trivy before schema 2, which names neither the image's digest nor the time");
  if (isTrivyOperator(document)) return readTrivyOperator(document, maxFindings);
  if (isHarborArtifact(document)) return readHarborArtifact(document);
  if (isHarborReport(document)) return readHarborReport(document, maxFindings, askedFor);
  if (isEcr(document)) return readEcr(document, maxFindings);
  const occurrences = occurrencesOf(document);
  if (occurrences !== undefined) return readGcp(document, occurrences, maxFindings);
  const rows = azureRowsOf(document);
  if (rows !== undefined) return readAzure(document, rows, maxFindings);
  return isSarif(document) ? readSarif(document, maxFindings) : readVendor(document, maxFindings);
}

function readVendor(document: Node, maxFindings: number): ScanDraft | undefined {
  const aqua = aquaReportOf(document);
  if (aqua !== undefined) return readAqua(aqua, maxFindings);
  if (isGitLab(document)) return readGitLab(document, maxFindings);
  if (isSysdig(document)) return readSysdig(document, maxFindings);
  if (isPrisma(document)) return readPrisma(document, maxFindings);
  if (isWiz(document)) return readWiz(document, maxFindings);
  if (isXray(document)) return readXray(document, maxFindings);
  if (isClair(document)) return readClair(document, maxFindings);
  const projects = snykProjectsOf(document);
  return projects === undefined ? undefined : readSnyk(projects, maxFindings);
}

function known(format: string, name: string, reason: "not-an-image" | "no-digest", message: string): ScanDraft {
  return { format, scanner: { name }, times: [], subjects: [], findings: [], refusal: { reason, message } };
}
