// Needs only Node 18 and npm. Brings Node 24, pnpm and the dependencies, builds what changed, then runs a script with
// the arguments that follow. Says each step that does something on standard error; the second time there is none.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = process.env.BULKHEAD_TOOLCHAIN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bulkhead", "toolchain");
const pnpm = "pnpm@12.21.0";
const scripts = {
  start: "test/start.ts",
  test: "test/run.ts",
  bulkhead: "packages/cli/dist/main.js",
  toolchain: "test/toolchain/main.ts",
  bench: "test/bench/main.ts",
  generate: "test/generate.ts",
  "new-rule": "packages/rules/scripts/new-rule.mts",
  check: "test/check.ts",
  release: "packages/components/scripts/release.mts",
};

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(what, output) {
  say(output.trim());
  say(`${what} failed`);
  process.exit(2);
}

function put(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Runs a step, says how long it took, and ends everything where it fails. */
function step(what, command, args, options = {}) {
  say(`${what} ...`);
  const start = Date.now();
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28, ...options });
  if (done.error !== undefined || done.status !== 0) fail(what, `${done.stdout ?? ""}${done.stderr ?? ""}${done.error ?? ""}`);
  say(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return done.stdout;
}

/** A Node that runs TypeScript: this one, or Node 24 from npm, whose place is remembered. */
function nodeFolder() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major >= 24 || (major === 22 && minor >= 18)) return dirname(process.execPath);
  const memory = join(cache, `node-24-${process.platform}-${process.arch}`);
  const known = read(memory).trim();
  if (known !== "" && existsSync(join(known, "node"))) return known;
  const folder = dirname(step("fetching Node 24 (about 10 s)", "npm", ["exec", "--yes", "--package=node@24", "--", "node", "-p", "process.execPath"]).trim());
  put(memory, `${folder}\n`);
  return folder;
}

function files(folder, wanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "dist" || entry.name === "docs" ? [] : files(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

function hash(parts) {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

function install(env) {
  const manifests = [...files(join(root, "packages"), /^package\.json$/), ...files(join(root, "examples"), /^package\.json$/), ...["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"].map((name) => join(root, name))];
  const wanted = hash([process.platform, process.arch, ...manifests.map(read)]);
  const stamp = join(root, "node_modules/.bulkhead-install");
  if (read(stamp) === wanted) return;
  step("installing dependencies (about 15 s)", "npm", ["exec", "--yes", `--package=${pnpm}`, "--", "pnpm", "install", "--frozen-lockfile"], { env: { ...env, CI: "true" } });
  put(stamp, wanted);
}

function build(env) {
  const sources = files(join(root, "packages"), /\.(ts|mts|json|yaml)$/).filter((file) => !file.endsWith(".test.ts"));
  const wanted = hash([...sources, join(root, "tsconfig.base.json")].map((file) => `${file} ${statSync(file).mtimeMs} ${statSync(file).size}`));
  const stamp = join(root, "node_modules/.bulkhead-build");
  const products = ["packages/cli/dist/main.js", "packages/policy-pack/dist/main.js", "packages/rules/dist/index.js"];
  if (read(stamp) === wanted && products.every((file) => existsSync(join(root, file)))) return;
  rmSync(stamp, { force: true });
  step("building (about 10 s)", "node", ["test/build.ts"], { env });
  put(stamp, wanted);
}

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !(name === "build" || Object.hasOwn(scripts, name))) {
  say(`usage: node test/toolchain/bootstrap.mjs build | ${Object.keys(scripts).join(" | ")}`);
  process.exit(2);
}
const env = { ...process.env, PATH: [nodeFolder(), process.env.PATH ?? ""].join(delimiter) };
install(env);
build(env);
if (name !== "build") {
  // npm runs scripts from the root; a path that is given is meant from where the user stands.
  const cwd = ["bulkhead", "release"].includes(name) ? (process.env.INIT_CWD ?? process.cwd()) : root;
  const child = spawn("node", [join(root, scripts[name]), ...rest], { cwd, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 2 : 130)));
}
