export type Credential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** What the token server gives tokens for, by OAuth's refresh grant. */
  | { readonly kind: "identity"; readonly token: string }
  /** A bearer token as it is sent to the registry. */
  | { readonly kind: "bearer"; readonly token: string };

/** The credential for a registry, by its host with port (`docker.io` for the Hub), or nothing: then nobody is named. */
export type CredentialSource = (host: string) => Promise<Credential | undefined>;

/** Says what is wrong with the configuration, never what stands in it. */
export class CredentialError extends Error {}

/** By the name `<token>` a password is known for an identity token. */
export function withPassword(username: string, password: string): Credential {
  return username === "<token>" ? { kind: "identity", token: password } : { kind: "basic", username, password };
}
