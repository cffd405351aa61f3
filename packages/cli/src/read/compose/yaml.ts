import { CORE_SCHEMA, defineMappingTag, defineScalarTag, defineSequenceTag, mapTag, mergeTag } from "js-yaml";
import type { DocumentsResult } from "../yaml";
import { kubernetesInt, readYaml } from "../yaml";

/** A value with one of Compose's own tags. */
export class Tagged {
  readonly tag: "reset" | "override";
  readonly value: unknown;

  constructor(tag: "reset" | "override", value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

function tagsOf(tag: "reset" | "override") {
  const none = { identify: () => false };
  return [
    defineScalarTag<Tagged>(`!${tag}`, { ...none, resolve: (source) => new Tagged(tag, plain.resolveImplicitScalarTag(source).value) }),
    defineSequenceTag<unknown[], Tagged>(`!${tag}`, { ...none, create: () => [], addItem: (items, item) => void items.push(item), finalize: (items) => new Tagged(tag, items) }),
    defineMappingTag<Record<string, unknown>, Tagged>(`!${tag}`, {
      ...none, create: () => mapTag.create(`!${tag}`), addPair: mapTag.addPair, has: mapTag.has,
      keys: ({ value }) => Object.keys(value as object), get: ({ value }, key) => (value as Record<string, unknown>)[String(key)], finalize: (entries) => new Tagged(tag, entries),
    }),
  ];
}

/** As go-yaml resolves them: `yes` and `on` are text here, which a boolean setting then takes as true. */
const plain = CORE_SCHEMA.withTags(kubernetesInt, mergeTag);
const schema = plain.withTags(...tagsOf("reset"), ...tagsOf("override"));

/** The documents of a compose file; one with `!reset` or `!override` holds `Tagged` values. */
export function readComposeYaml(text: string, file: string): DocumentsResult {
  return readYaml(text, file, Infinity, schema);
}
