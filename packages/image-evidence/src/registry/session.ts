import { type AddressClass, classOfHost, isLoopbackName, mayLeadTo } from "./address";
import { type Challenge, parseChallenges } from "./challenge";
import { type Credential, CredentialError } from "./credential";
import { failure, type Subject } from "./error";
import type { Answer, Call } from "./exchange";
import { readObject } from "./json";
import { Shared } from "./limiter";
import type { Settings } from "./options";
import type { Sender } from "./sender";

/** How a registry wants to be asked, as its last challenge said. */
type Scheme = { readonly kind: "basic" } | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };
interface Token {
  readonly header: string;
  readonly expiresAt: number;
}
export type Request = Omit<Call, "url" | "authorization" | "from"> & { readonly repository: string; readonly path: string };

const maxTokenBytes = 1024 * 1024;

/** One registry: where it is, and who asks it. Only the right to pull is ever asked for. */
export class Session {
  readonly origin: URL;
  private readonly host: string;
  private readonly settings: Settings;
  private readonly sender: Sender;
  private readonly from: Promise<AddressClass>;
  private scheme: Scheme | undefined;
  private readonly tokens = new Map<string, Token>();
  private readonly fetching = new Shared<Token>();

  constructor(host: string, settings: Settings, sender: Sender) {
    this.host = host;
    this.settings = settings;
    this.sender = sender;
    const plain = mayBePlain(new URL(`http://${host}`), settings);
    this.origin = new URL(host === "docker.io" ? "https://registry-1.docker.io" : `${plain ? "http" : "https"}://${host}`);
    this.from = classOfHost(this.origin.hostname);
  }

  /** The answer to a request, with a token or a credential where the registry wants one, which is renewed once. */
  async request(request: Request): Promise<Answer> {
    const { subject, repository } = request;
    const url = new URL(request.path, this.origin);
    if (url.origin !== this.origin.origin) throw failure(subject, "malformed", "a path of the registry leads to another host");
    for (let renewed = false; ; renewed = true) {
      const authorization = await this.authorization(subject, repository);
      const answer = await this.sender.send({ ...request, url, from: await this.from, ...(authorization === undefined ? {} : { authorization }) });
      if (answer.status !== 401) return answer;
      if (renewed) throw failure(subject, "unauthorized", `status 401: ${(await this.credential(subject)) === undefined ? "nobody in particular may pull it, and Docker's configuration has no credential for this registry" : "the credential of Docker's configuration is not accepted"}`, 401);
      this.forget(repository, authorization);
      this.scheme = await this.challenged(subject, answer.headers.get("www-authenticate") ?? "");
    }
  }

  /** Another request may have renewed it meanwhile. */
  private forget(repository: string, header: string | undefined): void {
    if (this.tokens.get(repository)?.header === header) this.tokens.delete(repository);
  }

  private async challenged(subject: Subject, header: string): Promise<Scheme> {
    const challenges = parseChallenges(header);
    if (challenges === undefined) throw failure(subject, "bad-challenge", "status 401 with a WWW-Authenticate header that cannot be read", 401);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) return this.bearer(subject, bearer);
    if (challenges.some(({ scheme }) => scheme === "basic")) return { kind: "basic" };
    throw failure(subject, "bad-challenge", "status 401 without a challenge of Bearer or Basic", 401);
  }

  private async bearer(subject: Subject, { parameters }: Challenge): Promise<Scheme> {
    const { realm: text = "", service } = parameters;
    const bad = (reason: string): Error => failure(subject, "bad-challenge", `the realm of its challenge ${reason}`, 401);
    if (!URL.canParse(text)) throw bad("is no URL");
    const realm = new URL(text);
    if (realm.username !== "" || realm.password !== "") throw bad(`at ${realm.host} has a user name in it`);
    const plain = realm.protocol === "http:" && this.origin.protocol === "http:" && mayBePlain(realm, this.settings);
    if (realm.protocol !== "https:" && !plain) throw bad(`at ${realm.host} is not HTTPS`);
    if (realm.host !== this.origin.host && !mayLeadTo(await this.from, await classOfHost(realm.hostname))) throw bad(`at ${realm.host} is an address of this machine or of a private network`);
    return { kind: "bearer", realm, service };
  }

  private async authorization(subject: Subject, repository: string): Promise<string | undefined> {
    if (this.scheme === undefined) return undefined;
    if (this.scheme.kind === "bearer") return (await this.token(subject, repository, this.scheme)).header;
    const credential = await this.credential(subject);
    if (credential === undefined) throw failure(subject, "unauthorized", "Docker's configuration has no credential for this registry", 401);
    return headerOf(credential) ?? Promise.reject(failure(subject, "unauthorized", "the registry wants a name and a password, and Docker's configuration has a token for it", 401));
  }

  private async token(subject: Subject, repository: string, scheme: Scheme & { readonly kind: "bearer" }): Promise<Token> {
    const known = this.tokens.get(repository);
    if (known !== undefined && known.expiresAt > Date.now()) return known;
    return this.fetching.run(repository, async () => {
      const token = await this.fetchToken({ ...subject, step: "token" }, `repository:${repository}:pull`, scheme);
      this.tokens.set(repository, token);
      return token;
    });
  }

  private async fetchToken(subject: Subject, scope: string, { realm, service }: Scheme & { readonly kind: "bearer" }): Promise<Token> {
    const credential = await this.credential(subject);
    if (credential?.kind === "bearer") return { header: headerOf(credential) ?? "", expiresAt: Number.POSITIVE_INFINITY };
    const from = await this.from;
    const common = { subject, maxBytes: maxTokenBytes, from, accept: "application/json" };
    const call: Call = credential?.kind === "identity"
      ? { ...common, method: "POST", url: realm, body: String(new URLSearchParams({ grant_type: "refresh_token", client_id: "bulkhead", scope, refresh_token: credential.token, ...(service === undefined ? {} : { service }) })) }
      : { ...common, method: "GET", url: tokenUrl(realm, service, scope), ...(credential === undefined ? {} : { authorization: headerOf(credential) ?? "" }) };
    const { status, body } = await this.sender.send(call);
    if (status === 401 || status === 403) throw failure(subject, "unauthorized", `status ${status}: the token server accepts ${credential === undefined ? "nobody without a credential, and Docker's configuration has none for this registry" : "the credential of Docker's configuration not"}`, status);
    if (status !== 200) throw failure(subject, "unexpected-status", `status ${status} of the token server`, status);
    return readToken(subject, body);
  }

  private async credential(subject: Subject): Promise<Credential | undefined> {
    try {
      return await this.settings.credentials(this.host);
    } catch (error) {
      if (error instanceof CredentialError) throw failure({ ...subject, step: "credentials" }, "credentials", error.message);
      throw error;
    }
  }
}

function headerOf(credential: Credential): string | undefined {
  if (credential.kind === "bearer") return `Bearer ${credential.token}`;
  return credential.kind === "basic" ? `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}` : undefined;
}

function tokenUrl(realm: URL, service: string | undefined, scope: string): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", scope);
  return url;
}

/** A token lives for 60 seconds where nothing else is said, by this machine's clock, and is given up a little before. */
function readToken(subject: Subject, body: Buffer): Token {
  const { token, access_token: accessToken, expires_in: seconds = 60 } = readObject(body) ?? {};
  const text = typeof token === "string" && token !== "" ? token : accessToken;
  if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) throw failure(subject, "malformed", "the token server's answer: expected a JSON object with a token");
  const lifetime = typeof seconds === "number" && seconds > 0 ? seconds : 60;
  return { header: `Bearer ${text}`, expiresAt: Date.now() + (lifetime - Math.min(10, lifetime / 5)) * 1000 };
}

/** Whether plain HTTP is good enough for a host. */
function mayBePlain({ hostname, host }: URL, { plainHttp }: Settings): boolean {
  return plainHttp.some((entry) => (entry === "loopback" ? isLoopbackName(hostname) : URL.canParse(`http://${entry}`) && new URL(`http://${entry}`).host === host));
}
