import type { Field, Path } from "../field";
import { known, mapField, unknown, unset } from "../field";
import { parseImage } from "../image-reference";
import type { Image, ImageUse, Resource } from "../model/subject";
import type { Node } from "../node";
import { stringField } from "../node";

/** What is known of a document beside its text. */
export interface Address {
  /** Pulumi type token, or `compose` for a compose file; without it the document's apiVersion and kind decide. */
  readonly type?: string;
  readonly urn?: string;
  /** The resource's logical name, for documents that do not name themselves. */
  readonly name?: string;
  /** The folder, absolute, that a relative path of the host starts from where it stands at a place of the document. */
  readonly folderOf?: FolderOf;
  /** Reads what a build names; without it, the Dockerfiles of builds are not examined. */
  readonly readBuildFile?: ReadBuildFile;
  /** The input `exemptions` of the component that the resource is a child of. */
  readonly exemptions?: unknown;
}

/**
 * The text of a Dockerfile, or of a .dockerignore, why it cannot be read, or undefined where there is no such file. A
 * relative name is meant from the program's folder, or from that of the file in which the path stands.
 */
export type ReadBuildFile = (file: string, path: Path) => { readonly text: string } | { readonly reason: string } | undefined;

export type FolderOf = (path: Path) => string | undefined;

export function quoted(resource: Resource): string {
  const name = resource.namespace === undefined ? resource.name : `${resource.namespace}/${resource.name}`;
  return `${resource.kind} "${name}"`;
}

export function imageSubject(resource: Resource, label: string, use: ImageUse, place: Node, container?: string, pullPolicy: Field<string> = unset(place.path)): Image {
  const text = stringField(place);
  const parsed = mapField(text, parseImage);
  const base = { about: "image", use, resource, label, path: place.path, pullPolicy, pullSecrets: unset<readonly string[]>(place.path), ...(container === undefined ? {} : { container }) } as const;
  if (parsed.state !== "value") return { ...base, registry: parsed as never, version: parsed as never };
  const { value: image, path } = parsed;
  if (image.kind === "invalid") {
    const invalid = unknown<never>(path, `is not a valid image reference: ${image.reason}`);
    return { ...base, registry: invalid, version: invalid };
  }
  if (image.kind === "id") {
    return { ...base, registry: unknown(path, "is an image id, which names no registry"), version: known({ digest: image.id }, path) };
  }
  const { tag, digest } = image.reference;
  const version = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  return { ...base, registry: known(image.reference, path), version: known(version, path) };
}

/** True where any is known to be true, unknown where any may be, else the first field's own state. */
export function anyTrue(fields: readonly [Field<boolean>, ...Field<boolean>[]]): Field<boolean> {
  const hit = fields.find((field) => field.state === "value" && field.value);
  return hit ?? fields.find((field) => field.state === "unknown") ?? fields[0];
}
