/** `npm run release -- [--repository DIR] [--branch NAME]`: commits what `pulumi package add REPOSITORY@VERSION` takes, and tags it. No working tree is touched. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeReleaseTree } from "./release-tree.mts";

const components = fileURLToPath(new URL("..", import.meta.url));
/** Makes git refuse to overwrite a reference. */
const none = "0".repeat(40);

interface Options {
  readonly repository: string;
  readonly branch: string | undefined;
}

interface Release {
  readonly tag: string;
  readonly commit: string;
  readonly made: boolean;
}

type Git = (args: readonly string[], input?: string) => string;

function gitIn(folder: string, settings: NodeJS.ProcessEnv = {}): Git {
  const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR)$/.test(name))), ...settings };
  return (args, input = "") => {
    const { status, error, stdout, stderr } = spawnSync("git", args, { cwd: folder, env, input, encoding: "utf8", maxBuffer: 2 ** 26 });
    if (error !== undefined || status !== 0) throw new Error(`${folder}: git ${args[0] ?? ""}: ${error?.message ?? stderr.trim()}`);
    return stdout.trim();
  };
}

/** Commits the release of `components` to `repository`, without a parent or after the branch's last release. */
function release({ repository, branch }: Options): Release {
  const git = gitIn(repository);
  const directory = git(["rev-parse", "--absolute-git-dir"]);
  const parent = branch === undefined ? "" : headOf(git, branch);
  const work = mkdtempSync(join(tmpdir(), "bulkhead-release-"));
  try {
    const folder = join(work, "tree");
    mkdirSync(folder);
    const version = writeReleaseTree(components, folder);
    const tag = `v${version}`;
    const inTree = gitIn(folder, { GIT_DIR: directory, GIT_WORK_TREE: folder, GIT_INDEX_FILE: join(work, "index") });
    inTree(["-c", "core.autocrlf=false", "add", "--all", "--force", "."]);
    const tree = inTree(["write-tree"]);
    const known = idOf(git, `refs/tags/${tag}`);
    if (known !== "") {
      if (idOf(git, `${known}^{tree}`) === tree) return { tag, commit: known, made: false };
      throw new Error(`${repository}: ${tag} is there already and holds something else; a released version never changes`);
    }
    const commit = git(["commit-tree", tree, ...(parent === "" ? [] : ["-p", parent]), "-m", `Bulkhead's components ${version}`, "-m", `Built from ${sourceOf(gitIn(components))}.`]);
    git(["update-ref", "--stdin"], `create refs/tags/${tag} ${commit}\n${branch === undefined ? "" : `update refs/heads/${branch} ${commit} ${parent === "" ? none : parent}\n`}`);
    return { tag, commit, made: true };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The last release on a branch; nothing, where the branch is new. */
function headOf(git: Git, branch: string): string {
  if (quietly(git, ["check-ref-format", "--branch", branch]) !== branch) throw new Error(`--branch: expected the name of a branch, found ${JSON.stringify(branch)}`);
  const head = idOf(git, `refs/heads/${branch}`);
  // A branch that is checked out in another folder of the repository has a plus sign in the list.
  const here = git(["rev-parse", "--is-bare-repository"]) === "false" && quietly(git, ["symbolic-ref", "--quiet", "HEAD"]) === `refs/heads/${branch}`;
  if (here || git(["branch", "--list", branch]).startsWith("+")) throw new Error(`--branch: expected one that is not checked out, found ${branch}`);
  if (head !== "" && idOf(git, `${head}:PulumiPlugin.yaml`) === "") throw new Error(`--branch: expected a new one or one of releases, found ${branch}, which has no PulumiPlugin.yaml`);
  return head;
}

function idOf(git: Git, name: string): string {
  return quietly(git, ["rev-parse", "--verify", "--quiet", name]);
}

/** What git says, or nothing where it says no. */
function quietly(git: Git, args: readonly string[]): string {
  try {
    return git(args);
  } catch {
    return "";
  }
}

function sourceOf(git: Git): string {
  return `${git(["rev-parse", "HEAD"])}${git(["status", "--porcelain"]) === "" ? "" : ", with changes that are not committed"}`;
}

function main(): void {
  const { values } = parseArgs({ options: { repository: { type: "string", default: "." }, branch: { type: "string" } } });
  const options = { repository: resolve(values.repository), branch: values.branch };
  const { tag, commit, made } = release(options);
  process.stdout.write(`${options.repository}: ${tag} is ${made ? "" : "already "}${commit}\n`);
  process.stderr.write(`Push it, then: pulumi package add https://HOST/OWNER/REPOSITORY@${tag.slice(1)}\n`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
