import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
  readonly dependencies: { readonly [name: string]: string };
}

interface Lock {
  readonly packages: { readonly [path: string]: { readonly version?: string; readonly integrity?: string; readonly resolved?: string } };
}

/**
 * Writes into the empty folder `out` what `pulumi package add` needs of a repository: PulumiPlugin.yaml, compiled
 * JavaScript, the schema, and a package.json and lockfile that install the versions that were tested, and what those
 * need as of the day of the release. `components` is packages/components, compiled. Returns the version.
 */
export function writeReleaseTree(components: string, out: string): string {
  const manifest = JSON.parse(readFileSync(join(components, "package.json"), "utf8")) as Manifest;
  const { name } = JSON.parse(readFileSync(join(components, "plugin/package.json"), "utf8")) as Manifest;
  const schema = JSON.parse(readFileSync(join(components, "plugin/schema.json"), "utf8")) as Manifest;
  if (schema.name !== name || schema.version !== manifest.version) throw new Error(`plugin/schema.json: expected ${name} ${manifest.version}, found ${schema.name} ${schema.version}: npm run generate`);
  // The CLI takes every 0.0.0 for a commit, or for whatever the default branch holds.
  if (/^0\.0\.0\b/.test(manifest.version)) throw new Error(`package.json: version: expected one that can be a tag, found ${manifest.version}`);
  copyCompiled(join(components, "dist"), join(out, "dist"), Object.keys(manifest.dependencies));
  for (const file of ["PulumiPlugin.yaml", "schema.json"]) cpSync(join(components, "plugin", file), join(out, file));
  cpSync(join(components, "docs"), join(out, "docs"), { recursive: true });
  cpSync(join(components, "../../LICENSE"), join(out, "LICENSE"));
  writeFileSync(join(out, "README.md"), readmeOf(readFileSync(join(components, "README.md"), "utf8")));
  const { version, description, license, engines } = manifest;
  writeFileSync(join(out, "package.json"), `${JSON.stringify({ name, version, private: true, description, license, type: "commonjs", main: "dist/plugin.js", engines, dependencies: exactly(components, Object.keys(manifest.dependencies)) }, null, 2)}\n`);
  // The CLI runs a plain `npm install` on the machine of whoever adds the package.
  writeFileSync(join(out, ".npmrc"), "ignore-scripts=true\naudit=false\nfund=false\n");
  lock(out);
  return version;
}

/** All that is compiled, without types and maps. Whatever it requires must be there, Node's or a dependency. */
function copyCompiled(from: string, to: string, dependencies: readonly string[]): void {
  if (!existsSync(join(from, "plugin.js"))) throw new Error(`${from}: not compiled: npm run build`);
  for (const file of readdirSync(from, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js") && !path.endsWith(".test.js"))) {
    const text = readFileSync(join(from, file), "utf8");
    for (const [, module = ""] of text.matchAll(/\brequire\("([^"]+)"\)/g)) {
      const known = module.startsWith(".") || isBuiltin(module) || dependencies.some((dependency) => module === dependency || module.startsWith(`${dependency}/`));
      // A template of code that runs elsewhere has requires of its own.
      if (!known && module !== "@bulkhead/components/package.json") throw new Error(`dist/${file}: requires ${module}, which the package does not depend on`);
    }
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), text.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n"));
  }
}

/** The versions that are installed here, which the tests ran with. */
function exactly(components: string, dependencies: readonly string[]): Manifest["dependencies"] {
  const require = createRequire(join(components, "package.json"));
  return Object.fromEntries(dependencies.map((dependency) => [dependency, (require(`${dependency}/package.json`) as Manifest).version]));
}

/** Links that leave the package lead nowhere in the release, and how to work on it is no concern of its readers. */
function readmeOf(text: string): string {
  return `${text.replace(/\n## Work on it\n.*$/s, "").replaceAll(/\[([^\]]+)\]\((?:\.\.\/|#)[^)]*\)/g, "$1").trimEnd()}\n`;
}

/** What the dependencies need in turn, each with its hash; no registry is named, so that everybody's own is asked. */
function lock(folder: string): void {
  const args = ["install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--omit=dev"];
  const { status, error, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (error !== undefined || status !== 0) throw new Error(`npm ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as Lock;
  for (const [path, { integrity, resolved }] of Object.entries(packages)) {
    if (path !== "" && (integrity === undefined || resolved !== undefined)) throw new Error(`package-lock.json: packages[${JSON.stringify(path)}]: expected a hash and no address`);
  }
}
