import type { EvaluationContext } from "../src/context";
import { readDocument } from "../src/dialects/read";
import { createInventory } from "../src/inventory/inventory";
import type { Member, MemberByAbout } from "../src/inventory/members";

export type Stack = ReturnType<typeof createInventory> & { readonly one: <A extends Member["about"]>(about: A, name?: string) => MemberByAbout[A] };

/** Documents as rules about the stack see them. One with `type` and `properties` is a resource of a program. */
export function stackOf(documents: readonly unknown[], context: EvaluationContext = {}, incomplete?: string): Stack {
  const models = documents.flatMap((document) => {
    const { type, properties, name } = document as { readonly type?: string; readonly properties?: unknown; readonly name?: string };
    return type === undefined ? readDocument(document) : readDocument(properties, { type, name: name ?? "example" });
  });
  const members = models.flatMap((model) => model.members ?? []);
  const inventory = createInventory(members, models.flatMap((model) => model.gaps ?? []), context, incomplete);
  return {
    ...inventory,
    one: (about, name) => {
      const found = members.find((member) => member.about === about && (name === undefined || member.resource.name === name));
      if (found === undefined) throw new Error(`no ${about} ${name ?? ""}`);
      return found as never;
    },
  };
}
