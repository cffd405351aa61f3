import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "../arguments/argument-error";
import type { Read, Reader } from "../arguments/shape";
import { input, isLater, listOf, object, optional, text } from "../arguments/shape";
import { port } from "../arguments/values";
import type { OpenedBlock } from "./addresses";
import { faultOfBlock, openedBlock } from "./addresses";
import { labelName } from "./names";
import { protocol } from "./read-container";

type Opened = Exclude<OpenedBlock, { readonly refused: string }>;

const block: Reader<Opened> = (value, path) => {
  const opened = openedBlock(text(value, path));
  if ("refused" in opened) throw new ArgumentError(path, opened.refused, describe(value));
  return opened;
};

/** An `ipBlock` for each block of addresses. */
const blocks: Reader<readonly pulumi.Input<Opened>[]> = (value, path) => {
  if (isLater(value)) throw new ArgumentError(path, "a list, whose members may be known later", "an output");
  return demand(listOf(input(block))(value, path), path);
};

const source: Reader<string> = (value, path) => {
  const cidr = text(value, path);
  const fault = faultOfBlock(cidr);
  if (fault !== undefined) throw new ArgumentError(path, fault, describe(value));
  return cidr;
};

/** Blocks of addresses that may send. */
export const sources: Reader<readonly pulumi.Input<string>[]> = (value, path) => demand(listOf(input(source))(value, path), path);

function demand<T>(list: readonly T[], path: string): readonly T[] {
  if (list.length === 0) throw new ArgumentError(path, "at least one", "an empty list");
  return list;
}

export const readInternet = object({ name: optional(labelName), cidrs: blocks, ports: (value: unknown, path: string) => demand(listOf(port)(value, path), path), protocol: optional(protocol), reason: text });
export type ReadInternet = Read<typeof readInternet>;
export const readLink = object({ port, protocol: optional(protocol) });
