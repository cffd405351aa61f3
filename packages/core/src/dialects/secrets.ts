/** Names that credentials have. Part of a name counts only as a whole word: MONKEY is no KEY; but nothing else ends in password. */
const secretName = /(^|[_.-])(pass(wd|phrase)?|[a-z0-9]*password|requirepass|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|credentials?|auth[_-]?key|encryption[_-]?key)($|[_.-])/i;
/** Names of where a credential is, or what it is like, rather than of the credential. */
const reference = /(_|-|\.)(file|path|dir|name|ttl|expiry|expiration|length|url|uri|type|id|policy|enabled|header|issuer|endpoint|secret_?name)$/i;
/** Values that are credentials by their form: cloud keys, forge tokens, and addresses with a password. */
const secretValue = /^(AKIA|ASIA)[A-Z0-9]{16}$|^gh[pousr]_[A-Za-z0-9]{36}|^glpat-[\w-]{20}|^xox[abprs]-[\w-]{10}|^eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/;

/** Looked for only where it may be: a value may be a file of some megabytes. */
function holdsPrivateKey(value: string): boolean {
  return value.includes("-----BEGIN ") && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value);
}

/** Whether a literal looks like a credential. Empty values, and references to others (`$(NAME)`, `${NAME}`), do not. */
export function looksSecret(name: string, value: string): boolean {
  if (value === "" || /^\$[({][^)}]*[)}]$/.test(value)) return false;
  if (secretValue.test(value) || holdsPrivateKey(value)) return true;
  return namesSecret(name) && !/^(true|false|yes|no|\d{1,3})$/i.test(value);
}

/** Whether a name is one that credentials have, whatever the value is. */
export function namesSecret(name: string): boolean {
  return secretName.test(name) && !reference.test(name);
}

/** Whether a file has a credential written down: it holds a private key, or is nothing but what looks like one; of a longer text the name says nothing. */
export function fileIsSecret(path: string, content: string): boolean {
  const text = content.trim();
  return holdsPrivateKey(text) || (!/\s/.test(text) && looksSecret(path.split(/[\\/]/).at(-1) ?? "", text));
}
