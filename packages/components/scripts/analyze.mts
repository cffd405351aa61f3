import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as ts from "typescript";

const require = createRequire(import.meta.url);
const sdk = "@pulumi/pulumi/provider/experimental";

interface Definition {
  description?: string;
}

/** What @pulumi/pulumi's own analyzer of components has, which is not among its types. */
interface Analyzer {
  readonly program: ts.Program;
  analyze(): { readonly components: object; readonly typeDefinitions: { readonly [name: string]: Definition }; readonly dependencies: readonly object[] };
  analyzeSymbols(context: unknown, symbols: readonly ts.Symbol[]): object;
}

interface Schema {
  readonly language: { go: object };
  readonly types: { [name: string]: { description?: string } };
}

const { Analyzer } = require(`${sdk}/analyzer`) as { readonly Analyzer: new (folder: string, name: string, manifest: object, components: ReadonlySet<string>) => Analyzer };
const { generateSchema } = require(`${sdk}/schema`) as { readonly generateSchema: (...args: readonly unknown[]) => Schema };
const { getPulumiComponents } = require(`${sdk}/provider`) as { readonly getPulumiComponents: (exported: object) => readonly { readonly name: string }[] };

export const packageName = "bulkhead";

/** The schema of the components among what a package exports. */
export function schemaOf(folder: string, exported: object): object {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly version: string; readonly description: string };
  const names = getPulumiComponents(exported).map(({ name }) => name).sort();
  const analyzer = new PublicAnalyzer(folder, packageName, {}, new Set(names));
  const { components, typeDefinitions, dependencies } = analyzer.analyze();
  const schema = generateSchema(packageName, manifest.version, manifest.description, sorted(components), sorted(typeDefinitions), dependencies);
  for (const [type, definition] of Object.entries(schema.types)) {
    const description = documentation(analyzer.program, type.split(":")[2] ?? "");
    if (description !== undefined) definition.description = description;
  }
  // Without it the SDK of Go lacks the inputs of some types that are only used plainly.
  schema.language.go = { ...schema.language.go, generateExtraInputTypes: true };
  return renamed(schema);
}

/** The SDKs call the inputs of a type X `XArgs` by themselves. Every number in the arguments is a whole one. */
function renamed(schema: Schema): object {
  return JSON.parse(JSON.stringify(schema).replaceAll(/("(?:#\/types\/)?bulkhead:index:\w+)Args"/g, '$1"').replaceAll('"type":"number"', '"type":"integer"')) as object;
}

/** Private members are no outputs. */
class PublicAnalyzer extends Analyzer {
  override analyzeSymbols(context: unknown, symbols: readonly ts.Symbol[]): object {
    const shown = symbols.filter(({ valueDeclaration: declaration }) => !(declaration !== undefined && "modifiers" in declaration && (declaration.modifiers as readonly ts.Node[] | undefined)?.some((modifier) => ["private", "protected"].includes(modifier.getText()))));
    return super.analyzeSymbols(context, shown);
  }
}

function documentation(program: ts.Program, name: string): string | undefined {
  for (const file of program.getSourceFiles().filter(({ isDeclarationFile }) => !isDeclarationFile)) {
    for (const statement of file.statements) {
      const { jsDoc } = statement as { readonly jsDoc?: readonly { readonly comment?: unknown }[] };
      const declared = (statement as { readonly name?: ts.Identifier }).name?.text;
      const comment = jsDoc?.at(-1)?.comment;
      if (declared === name && typeof comment === "string") return comment;
    }
  }
  return undefined;
}

function sorted<T extends object>(named: T): T {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}
