import type { Instruction } from "./instruction";
import { Unexpandable } from "./pattern";
import { expand } from "./words";

/** What a text comes to once its variables are put in, or why nobody can say; the reason quotes no value. */
export type Expansion = { readonly text: string } | { readonly reason: string; /** Nothing is given, and there is no default. */ readonly absent?: true };

/** Values of build arguments that are given from outside; undefined where the value is not known. */
export type GivenArguments = ReadonlyMap<string, string | undefined>;

/** Variables by name, over those of the stage that one stands on. A value that is not known is the reason why. */
export class Variables {
  private readonly values = new Map<string, Expansion>();
  private readonly below: Variables | undefined;
  /** Why a name that is not here may still have a value; undefined where it has none. */
  private readonly others: string | undefined;

  constructor(below?: Variables, others?: string) {
    this.below = below;
    this.others = others;
  }

  set(name: string, value: Expansion): void {
    this.values.set(name, value);
  }

  get(name: string): Expansion | undefined {
    for (let scope: Variables | undefined = this; scope !== undefined; scope = scope.below) {
      const value = scope.values.get(name);
      if (value !== undefined) return value;
      if (scope.below === undefined && scope.others !== undefined) return { reason: scope.others };
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.values.has(name) || this.below?.has(name) === true;
  }

  expand(source: string, token: string): Expansion {
    try {
      return { text: expand(source, (name, hasDefault) => this.valueOf(name, hasDefault), { escape: token }).text };
    } catch (error) {
      if (error instanceof Unexpandable) return { reason: error.message };
      throw error;
    }
  }

  private valueOf(name: string, hasDefault: boolean): string | undefined {
    const value = this.get(name);
    if (value === undefined || "text" in value) return value?.text;
    if (value.absent === true && hasDefault) return undefined;
    throw new Unexpandable(value.reason);
  }
}

/** Arguments that BuildKit sets by itself (dockerfile2llb/platform.go): what they say depends on where it builds. */
const platformArguments = ["BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT"];

/** The variables that a FROM may use: the arguments that stand before the first one, and those that BuildKit sets. */
export function globalVariables(before: readonly Instruction[], given: GivenArguments, target: string | undefined, token: string): Variables {
  const variables = new Variables();
  for (const name of platformArguments) variables.set(name, givenValue(name, given) ?? { reason: `depends on ${name}, the platform that it is built on or for` });
  variables.set("TARGETSTAGE", givenValue("TARGETSTAGE", given) ?? { text: target === undefined || target === "" ? "default" : target });
  for (const { keyword, args } of before) {
    if (keyword !== "ARG") continue;
    for (const argument of args) declare(argument, variables, given, token);
  }
  return variables;
}

function givenValue(name: string, given: GivenArguments): Expansion | undefined {
  if (!given.has(name)) return undefined;
  const text = given.get(name);
  return text === undefined ? { reason: `depends on the build argument ${name}, whose value is not known here` } : { text };
}

/** An ARG: what is given from outside, else its default, else what stands before the first FROM under its name. */
export function declare(argument: string, variables: Variables, given: GivenArguments, token: string, outer?: Variables): void {
  const equals = argument.indexOf("=");
  const name = equals < 0 ? argument : argument.slice(0, equals);
  const outside = givenValue(name, given) ?? (equals < 0 ? outer?.get(name) : variables.expand(argument.slice(equals + 1), token));
  if (outside !== undefined) variables.set(name, outside);
  // Without a value it hides nothing that an ENV has set.
  else if (!variables.has(name)) variables.set(name, { reason: `depends on the build argument ${name}, which has no default`, absent: true });
}
