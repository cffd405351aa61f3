import type { Instruction } from "../dockerfile/instruction";
import { heredocOf } from "../dockerfile/instruction";
import { sourcesOf } from "../dockerfile/stages";
import type { Field } from "../field";
import { elsewhere, known, unset } from "../field";
import type { Place } from "./dockerfile-steps";

/** Files that hold a credential by their name, and those that only look so. */
const credentials = /^(id_(rsa|dsa|ecdsa|ed25519)(_sk)?|\.env(\..+)?|.+\.env|\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.dockercfg|\.htpasswd|\.pgpass|\.vault-token|\.ssh|\.aws|\.kube|\.gnupg|\.docker|kubeconfig(\.ya?ml)?|credentials(\.json|\.csv)?|secrets?\.(ya?ml|json|env|toml|txt)|service-?account.*\.json|.*\.(p12|pfx|jks|keystore|key|kdbx|tfstate)|.*(priv|private|server|tls|ssl)[\w-]*key[\w-]*\.pem|privkey.*\.pem)$/i;
const harmless = /\.pub$|^(.*\.)?(example|sample|template|dist|defaults?)(\.env)?$|\.env\.(example|sample|template|dist|defaults?)$|^(public|pub)[\w.-]*\.key$/i;

/** Files that a COPY or an ADD takes from the build context. */
function localSources({ keyword, args, flags }: Instruction): readonly string[] {
  if ((keyword !== "COPY" && keyword !== "ADD") || flags.some((flag) => flag.startsWith("--from="))) return [];
  return args.slice(0, -1).filter((source) => heredocOf(source) === undefined);
}

export function credentialFiles(instruction: Instruction): readonly string[] {
  const names = localSources(instruction).filter((source) => !isRemote(source)).map((source) => source.replace(/[\\/]+$/, "").split(/[\\/]/).at(-1) ?? "");
  return [...new Set(names.filter((name) => name.length < 256 && credentials.test(name) && !harmless.test(name)))];
}

function isRemote(source: string): boolean {
  return /^(https?|ftp|git|ssh):\/\/|^git@/i.test(source);
}

/** Whether an ADD takes only files of the build context, none of which it would unpack. */
export function isPlainAdd(instruction: Instruction): boolean {
  if (instruction.keyword !== "ADD" || instruction.flags.some((flag) => /^--(checksum|keep-git-dir|unpack)(=|$)/.test(flag))) return false;
  const sources = instruction.args.slice(0, -1);
  return sources.length > 0 && sources.every((source) => !isRemote(source) && !/\.(tar|tgz|tbz2?|txz|tzst|tar\.\w+|gz|bz2|xz|zst)$/i.test(source) && !source.includes("$"));
}

/** What a step copies as a whole. */
export function wholeCopy({ instruction, path, ignores }: Place): Field<string> {
  const [source] = sourcesOf(instruction);
  const from = instruction.args.slice(0, -1);
  if (source?.kind === "copy") return from.some((folder) => /^\/[.*]?\/?$/.test(folder)) ? known("file system", path) : unset(path);
  const isWhole = localSources(instruction).some((folder) => /^(\.?\/?|\.?\/?\*|\.\/\.)$/.test(folder)) && instruction.flags.every((flag) => !flag.startsWith("--exclude="));
  if (!isWhole || ignores === true) return unset(path);
  return ignores === undefined ? elsewhere(path, "copies the whole build context, which is not here") : known("build context", path);
}
