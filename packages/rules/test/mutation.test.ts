import type { AnyRule } from "@bulkhead/core";
import { readDocument } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { rules } from "../src/index";
import { casesOf, type ReadModels } from "../src/_testing/index";

function find(id: string): AnyRule {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  return rule;
}

/** The names of the cases that fail. */
function failures(rule: AnyRule, read?: ReadModels): readonly string[] {
  const catalogue = rules.map((other) => (other.id === rule.id ? rule : other));
  return casesOf(rule, catalogue, read).filter(({ run }) => {
    try {
      run();
      return false;
    } catch {
      return true;
    }
  }).map(({ name }) => name);
}

describe("the harness notices", () => {
  const dropAll = find("drop-all-capabilities");

  test("nothing on the rules as they are", () => {
    expect(failures(dropAll)).toEqual([]);
  });

  test("a rule that accepts any drop", () => {
    const failed = failures({ ...dropAll, check: ({ drop }) => (Array.isArray(drop) && drop.length > 0 ? undefined : "drop ALL capabilities") });
    expect(failed).toContain("drop-all-capabilities > docker > Container > bad 0");
    expect(failed.length).toBeGreaterThan(10);
  });

  test("a fix that does not fix", () => {
    const failed = failures({ ...dropAll, fix: ({ drop }) => drop?.to(["NET_RAW"]) });
    expect(failed).toContain("drop-all-capabilities > kubernetes > Deployment > main > fix 0");
    expect(failed.every((name) => name.includes("> fix "))).toBe(true);
  });

  test("a fix that is missing", () => {
    expect(failures({ ...dropAll, fix: () => undefined })).toContain("drop-all-capabilities > docker > Container > fix 0");
  });

  test("a rule that passes what is unknown", () => {
    let open = false;
    const blind: AnyRule = {
      ...dropAll,
      reads: (subject, inventory, surroundings) => {
        open = subject.about === "container" && subject.droppedCapabilities.state === "unknown";
        return open ? {} : dropAll.reads(subject, inventory, surroundings);
      },
      check: (values, context) => (open ? undefined : dropAll.check(values, context)),
    };
    const failed = failures(blind);
    expect(failed.some((name) => name.includes("> unknown "))).toBe(true);
  });

  test("a dialect that forgets ephemeral containers", () => {
    const failed = failures(dropAll, (document, address) => readDocument(document, address).map((model) => ({ ...model, subjects: model.subjects.filter((s) => s.about !== "container" || s.role !== "ephemeral") })));
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((name) => name.includes("> ephemeral >"))).toBe(true);
  });

  test("a dialect that forgets CronJob", () => {
    const failed = failures(dropAll, (document, address) => readDocument(document, address).map((model) => (model.resource.kind === "CronJob" ? { ...model, subjects: [] } : model)));
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((name) => name.includes("> CronJob >"))).toBe(true);
  });

  test("a rule that another rule's example trips", () => {
    const noisy: AnyRule = { ...find("read-only-root-filesystem"), check: () => "be quiet" };
    const catalogue = rules.map((other) => (other.id === noisy.id ? noisy : other));
    const broken = casesOf(find("no-privileged"), catalogue).filter(({ run }) => {
      try {
        run();
        return false;
      } catch {
        return true;
      }
    });
    expect(broken.length).toBeGreaterThan(0);
  });
});
