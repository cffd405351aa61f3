import { failure, type RegistryError, type Subject } from "./error";
import { type Answer, type Call, exchange } from "./exchange";
import { Limiter } from "./limiter";
import type { Settings } from "./options";

const transient: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Sends requests: so many at once, again where that may help, and none after the deadline of all. */
export class Sender {
  private readonly settings: Settings;
  private readonly limiter: Limiter;
  private deadline: number | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
    this.limiter = new Limiter(settings.concurrency);
  }

  /** The answer, whatever its status, but for one that promises to go away and did not: that is an error. */
  async send(call: Call): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const { requestMilliseconds, attempts } = this.settings;
      const outcome = await this.limiter.run(async () => exchange(call, Math.min(requestMilliseconds, this.left(call.subject))));
      if ("answer" in outcome && !transient.includes(outcome.answer.status)) return outcome.answer;
      const error = "error" in outcome ? outcome.error : statusError(call.subject, outcome.answer, attempt);
      if (("error" in outcome && outcome.lasting) || attempt >= attempts) throw error;
      await this.wait(call.subject, error, attempt, "answer" in outcome ? retryAfter(outcome.answer.headers, Date.now()) : undefined);
    }
  }

  /** Milliseconds until the deadline; an error once there are none. */
  private left(subject: Subject): number {
    this.deadline ??= Date.now() + this.settings.totalMilliseconds;
    const left = this.deadline - Date.now();
    if (left <= 0) throw this.outOfTime(subject);
    return left;
  }

  private outOfTime(subject: Subject, reason = ""): RegistryError {
    return failure(subject, "timeout", `the ${this.settings.totalMilliseconds} ms for all requests together are over${reason}`);
  }

  private async wait(subject: Subject, error: RegistryError, attempt: number, asked: number | undefined): Promise<void> {
    const { backoffMilliseconds, maxRetryAfterMilliseconds } = this.settings;
    if (asked !== undefined && asked > maxRetryAfterMilliseconds) throw failure(subject, error.code, `status ${error.status}, and it asks to wait for ${Math.ceil(asked / 1000)} s, which is longer than the ${maxRetryAfterMilliseconds / 1000} s that are waited at most`, error.status);
    // Spread, or all who were refused at once would come back at once.
    const milliseconds = Math.max(asked ?? 0, backoffMilliseconds * 2 ** (attempt - 1) * (0.75 + Math.random() / 2));
    if (milliseconds >= this.left(subject)) throw this.outOfTime(subject, `; the last failure: ${error.message}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

function statusError(subject: Subject, { status }: Answer, attempts: number): RegistryError {
  const times = `${attempts} ${attempts === 1 ? "time" : "times"}`;
  if (status === 429) return failure(subject, "rate-limited", `too many requests: status 429, asked ${times}`, status);
  return failure(subject, status === 408 ? "timeout" : "server-error", `status ${status}, asked ${times}`, status);
}

/** Milliseconds that a Retry-After header asks for, in seconds or as a date. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
