import type { Call } from "./shell";

/** Options that turn the verification of a certificate or a signature off, by the program that takes them. */
const options: readonly { readonly program: RegExp; readonly option: RegExp }[] = [
  { program: /^curl$/, option: /^(-[a-zA-Z#]*k[a-zA-Z#]*|--insecure|--proxy-insecure|--doh-insecure)$/ },
  { program: /^wget$/, option: /^--no-check-certificate$/ },
  { program: /^(apt|apt-get|aptitude)$/, option: /^(--allow-unauthenticated|--force-yes|--allow-insecure-repositories)$|^(--option=)?(APT::Get::AllowUnauthenticated|Acquire::AllowInsecureRepositories|Acquire::AllowWeakRepositories)=(true|1|"?yes"?)$|Acquire::https::(\S+::)?Verify-(Peer|Host)=(false|0|no)$/i },
  { program: /^apk$/, option: /^--allow-untrusted$/ },
  { program: /^(yum|dnf|dnf5|microdnf|tdnf|yum-config-manager)$/, option: /^(--nogpgcheck|--no-gpgchecks)$|^(--setopt=)?(\S+\.)?(sslverify|gpgcheck)=(0|false|no)$/i },
  { program: /^rpm$/, option: /^(--nosignature|--nodigest|--noverify)$/ },
  { program: /^zypper$/, option: /^(--no-gpg-checks|--gpg-auto-import-keys|--no-gpgcheck|-G)$/ },
  { program: /^pip(\d(\.\d+)?)?$|^python[\d.]*$/, option: /^--trusted-host(=.*)?$/ },
  { program: /^git$/, option: /^http\.(\S+\.)?sslVerify=(false|0)$/i },
  { program: /^(npm|yarn|pnpm)$/, option: /^--(no-strict-ssl|strict-ssl=false)$/ },
  { program: /^(ssh|scp|sftp|rsync)$/, option: /StrictHostKeyChecking[= ]no$/ },
];
/** Two words that mean the same: `config set strict-ssl false`. */
const settings: readonly { readonly program: RegExp; readonly name: RegExp; readonly said: string }[] = [
  { program: /^git$/, name: /^http\.(\S+\.)?sslVerify$/i, said: "http.sslVerify" },
  { program: /^(npm|yarn|pnpm)$/, name: /^strict-ssl$/, said: "strict-ssl" },
];
/** Lines that a script writes into the settings of a package manager. */
const written = /\[[^[\]\n]{0,200}trusted=yes[^[\]\n]{0,200}\]|^[ \t]{0,20}(gpgcheck|sslverify)[ \t]{0,5}=[ \t]{0,5}(0|false|no)[ \t]{0,5}$|Acquire::(AllowInsecureRepositories|https::Verify-Peer)[ \t]{1,5}"(true|false)"|SigLevel[ \t]{0,5}=[ \t]{0,5}Never/im;

/** Variables that turn it off wherever they are set. */
const variables: readonly (readonly [RegExp, RegExp])[] = [
  [/^NODE_TLS_REJECT_UNAUTHORIZED$/, /^0$/], [/^PYTHONHTTPSVERIFY$/, /^0$/], [/^GIT_SSL_NO_VERIFY$/, /^(1|true|yes)$/i], [/^(npm_config_strict_ssl)$/i, /^(false|0)$/i],
  [/^PIP_TRUSTED_HOST$/, /./], [/^GOSUMDB$/, /^off$/i], [/^(GOINSECURE|GONOSUMDB|GONOSUMCHECK)$/, /./], [/^GIT_SSH_COMMAND$/, /StrictHostKeyChecking[= ]no/],
];

export function turnsVerificationOff(name: string, value: string): boolean {
  return variables.some(([names, values]) => names.test(name) && values.test(value));
}

/** The options and variables by which a script turns verification off, each by its name. */
export function unverified(calls: readonly Call[], script: string): readonly string[] {
  const found = calls.flatMap(({ program, words, assignments }) => [
    ...words.filter((word) => options.some((entry) => entry.program.test(program) && entry.option.test(word))).map((word) => (word.startsWith("--") ? (word.split("=")[0] ?? word) : word)),
    ...settings.filter((entry) => entry.program.test(program) && words.some((word, index) => entry.name.test(word) && /^(false|0)$/.test(words[index + 1] ?? ""))).map(({ said }) => said),
    ...assignments.flatMap((text) => {
      const equals = text.indexOf("=");
      return turnsVerificationOff(text.slice(0, equals), text.slice(equals + 1)) ? [text.slice(0, equals)] : [];
    }),
  ]);
  const line = written.exec(script)?.[0].trim().split(/[\s="]/)[0];
  return [...new Set([...found, ...(line === undefined ? [] : [line.startsWith("[") ? "[trusted=yes]" : line])])].sort();
}

/** What checks what was downloaded. */
const checking = /\b(sha(1|224|256|384|512)sum|shasum|b2sum|b3sum|md5sum|rhash|gpgv?|gpg2|minisign|signify|cosign|slsa-verifier)\b|\bopenssl\s+(dgst|cms|pkeyutl)\b|\bcksum\b|\bcertutil\s+-hashfile\b|\bGet-FileHash\b/i;
const local = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/;

/** Programs that download into a file, or into an unpacker, where nothing in the step checks what came. */
export function uncheckedDownloads(commands: readonly (readonly string[])[], calls: readonly Call[], script: string): readonly string[] {
  if (checking.test(script)) return [];
  const unpacks = /\|\s*(?:sudo\s+)?(?:tar|bsdtar|unzip|gunzip|zcat|xz|unxz|bunzip2|cpio|dpkg|rpm2cpio|docker\s+load)\b/.test(script);
  return [...new Set(calls.flatMap(({ program, words }, index) => {
    if (words.some((word) => local.test(word))) return [];
    const redirected = (commands[index] ?? []).includes(">");
    if (program === "curl") return unpacks || redirected || words.some((word) => /^(-[a-zA-Z#]*[oO]|--output(=.*)?|--remote-name(-all)?)$/.test(word)) ? ["curl"] : [];
    if (program !== "wget" || words.some((word) => /^--(spider|version|help)$/.test(word))) return [];
    const toOutput = words.some((word, place) => /^(-[a-zA-Z]*O-|--output-document=-)$/.test(word) || (/^(-[a-zA-Z]*O|--output-document)$/.test(word) && words[place + 1] === "-"));
    return !toOutput || unpacks || redirected ? ["wget"] : [];
  }))];
}

/** Programs that give a user a password, or an empty one. */
export function passwords(calls: readonly Call[]): readonly string[] {
  const locked = /^[!*]+$/;
  return [...new Set(calls.flatMap(({ program, words }) => {
    if (program === "chpasswd") return ["chpasswd"];
    if (program === "passwd") return words.some((word) => /^(-l|--lock|-S|--status|-u|--unlock|-e|--expire|-h|--help)$/.test(word)) ? [] : ["passwd"];
    if (program !== "useradd" && program !== "usermod") return [];
    return words.some((word, index) => (/^(-p|--password)$/.test(word) && !locked.test(words[index + 1] ?? "")) || (/^--password=/.test(word) && !locked.test(word.slice("--password=".length)))) ? [program] : [];
  }))];
}
