import type { Call } from "./shell";

/** A package manager: the words that make it do something, and options that take a value of their own. */
interface Manager {
  readonly family: string;
  readonly program: RegExp;
  readonly install: RegExp;
  /** What fetches the index and nothing else. */
  readonly update?: RegExp;
  readonly remove?: RegExp;
  /** Options that are followed by a value. */
  readonly valued: RegExp;
  /** Whether a package is named with its version, or is a file or an address. */
  readonly pinned: RegExp;
}

const managers: readonly Manager[] = [
  { family: "apt", program: /^(apt|apt-get|aptitude)$/, install: /^(install|build-dep)$/, update: /^update$/, remove: /^(remove|purge|autoremove|auto-remove)$/, valued: /^(-t|--target-release|--default-release|-o|--option|-c|--config-file|-a|--host-architecture)$/, pinned: /=|^\.{0,2}\/|\.deb$/ },
  { family: "apk", program: /^apk$/, install: /^add$/, update: /^update$/, remove: /^del$/, valued: /^(-t|--virtual|-X|--repository|-p|--root|--keys-dir|--repositories-file|--arch|--wait|--cache-dir|--cache-max-age)$/, pinned: /[=<>~]|^\.{0,2}\/|\.apk$/ },
  { family: "yum", program: /^(yum|dnf|dnf5|microdnf|tdnf)$/, install: /^(install|localinstall|groupinstall)$/, update: /^(makecache|check-update)$/, remove: /^(remove|erase|autoremove)$/, valued: /^(-c|--config|-x|--exclude|--installroot|--releasever|--enablerepo|--disablerepo|--repo|--setopt|--forcearch)$/, pinned: /-\d|^\.{0,2}\/|\.rpm$|^https?:/ },
  { family: "zypper", program: /^zypper$/, install: /^(install|in)$/, update: /^(refresh|ref)$/, remove: /^(remove|rm)$/, valued: /^(-t|--type|-r|--repo|--from|-C|--capability|--root|-R)$/, pinned: /[=<>]|-\d|^\.{0,2}\/|\.rpm$/ },
  { family: "pip", program: /^pip(\d(\.\d+)?)?$/, install: /^install$/, valued: /^(-i|--index-url|--extra-index-url|-r|--requirement|-c|--constraint|-t|--target|--prefix|--root|-f|--find-links|--python|--trusted-host|--no-binary|--only-binary|--platform|--cache-dir|-e|--editable|--log|--proxy|--timeout|--retries)$/, pinned: /===?|~=| @ |@|^\.{0,2}\/|^\.$|\.(whl|zip|tar\.gz)$|^(git\+)?https?:/ },
  { family: "npm", program: /^(npm|pnpm)$/, install: /^(install|i|add)$/, valued: /^(--registry|--prefix|-C|--cache|--userconfig|--omit|--include|-w|--workspace|--loglevel)$/, pinned: /^@?[^@]+@(?!latest$)|^\.{0,2}\/|^\.$|\.tgz$|^(git\+)?(https?|ssh):/ },
  { family: "gem", program: /^gem$/, install: /^install$/, valued: /^(-n|--bindir|-i|--install-dir|-s|--source|-P|--trust-policy|--platform)$/, pinned: /:\d|\.gem$/ },
];

/** How a step uses a package manager. */
export interface Use {
  readonly family: string;
  readonly program: string;
  readonly does: "install" | "update" | "remove" | "other";
  readonly words: readonly string[];
  readonly packages: readonly string[];
}

/** `python -m pip` is pip. */
function programOf({ program, words }: Call): { readonly program: string; readonly words: readonly string[] } {
  if (/^python[\d.]*$/.test(program) && words[0] === "-m" && words[1] !== undefined) return { program: words[1], words: words.slice(2) };
  return { program, words };
}

export function usesOf(calls: readonly Call[]): readonly Use[] {
  return calls.flatMap((call): readonly Use[] => {
    const { program, words } = programOf(call);
    const manager = managers.find((candidate) => candidate.program.test(program));
    if (manager === undefined) return [];
    const { family, install, update, remove } = manager;
    const plain = operands(words, manager);
    const at = plain.findIndex((word) => install.test(word) || update?.test(word) === true || remove?.test(word) === true);
    const verb = at < 0 ? "" : (plain[at] ?? "");
    const does = verb === "" ? "other" : install.test(verb) ? "install" : remove?.test(verb) === true ? "remove" : "update";
    return [{ family, program, does, words, packages: at < 0 ? [] : plain.slice(at + 1) }];
  });
}

/** The words that are neither an option nor its value, up to a redirection. */
function operands(words: readonly string[], { valued }: Manager): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === ">" || word === "<") break;
    if (valued.test(word)) index += 1;
    else if (!word.startsWith("-")) found.push(word);
  }
  return found;
}

/** Packages without a version; of one that a variable names nobody can say, and the second is true. */
export function unpinned(uses: readonly Use[]): { readonly names: readonly string[]; readonly open: boolean } {
  const names: string[] = [];
  let open = false;
  for (const { family, does, words, packages } of uses) {
    if (does !== "install" || (family === "gem" && words.some((word) => /^(-v|--version)/.test(word)))) continue;
    const manager = managers.find((candidate) => candidate.family === family);
    for (const name of packages) {
      if (manager?.pinned.test(name) === true) continue;
      if (name.includes("$")) open = true;
      else names.push(name);
    }
  }
  return { names: [...new Set(names)], open };
}

/** Programs that update an index where nothing is installed with it. */
export function loneUpdates(uses: readonly Use[]): readonly string[] {
  const busy = new Set(uses.filter(({ does, words }) => does === "install" || words.some((word) => /^(upgrade|dist-upgrade|full-upgrade|up|dup|update|download|source|fix)$/.test(word) && does === "other")).map(({ family }) => family));
  return [...new Set(uses.filter(({ family, does }) => does === "update" && !busy.has(family)).map(({ program }) => program))];
}

/** Where a package manager keeps what it fetches, and the words by which it throws that away. */
const caches: { readonly [family: string]: { readonly folder: RegExp; readonly clean: RegExp } } = {
  apt: { folder: /^\/var\/(lib\/apt(\/lists)?|cache\/apt)(\/|\/?\*)*$/, clean: /^$/ },
  apk: { folder: /^(\/var\/cache\/apk|\/etc\/apk\/cache)(\/|\/?\*)*$/, clean: /^clean$/ },
  yum: { folder: /^\/var\/cache(\/(yum|dnf|libdnf5))?(\/|\/?\*)*$/, clean: /^clean$/ },
  zypper: { folder: /^\/var\/cache\/zypp(\/|\/?\*)*$/, clean: /^(clean|cc)$/ },
};

/** Package managers that install, or update, and leave what they have fetched. `mounted` are folders that are no part of the layer. */
export function keptCaches(uses: readonly Use[], calls: readonly Call[], mounted: readonly string[]): readonly string[] {
  const removed = calls.filter(({ program }) => program === "rm" || program === "find").flatMap(({ words }) => words);
  const cleaned = new Set(uses.filter(({ family, words }) => words.some((word) => caches[family]?.clean.test(word) === true)).map(({ family }) => family));
  for (const [family, { folder }] of Object.entries(caches)) if ([...removed, ...mounted].some((name) => folder.test(name))) cleaned.add(family);
  const kept = uses.filter(({ family, does, words }) => {
    const fetches = (does === "install" || does === "update") && !(family === "apk" && does === "install" && words.includes("--no-cache"));
    return fetches && caches[family] !== undefined && !cleaned.has(family);
  });
  return [...new Set(kept.map(({ program }) => program))];
}

const buildPackages = /^(build-essential|build-base|base-devel|gcc(-\d+)?|g\+\+(-\d+)?|gcc-c\+\+|clang(-\d+)?|make|cmake|automake|autoconf|libtool|bison|flex|meson|ninja-build|gdb|strace|ltrace|valgrind|golang(-go)?|rustc|cargo|maven|gradle|default-jdk(-headless)?|openjdk-?\d+-jdk(-headless)?|java-[\d.]+-openjdk-devel|linux-headers|kernel-devel|python3?-dev(el)?|@development-tools|Development Tools)$/;

/** Packages that build software, and that the same step does not remove again. */
export function buildTools(uses: readonly Use[], inVirtual: (use: Use) => boolean): readonly string[] {
  const removed = new Set(uses.filter(({ does }) => does === "remove").flatMap(({ packages }) => packages));
  const installed = uses.filter((use) => use.does === "install" && ["apt", "apk", "yum", "zypper"].includes(use.family) && !inVirtual(use)).flatMap(({ packages }) => packages);
  return [...new Set(installed.map((name) => name.split(/[=<>~]/)[0] ?? name))].filter((name) => buildPackages.test(name) && !removed.has(name)).sort();
}
