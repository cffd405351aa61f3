/** Pieces of which Dockerfiles are made, and what trips a parser. */
const pieces = [
  "FROM ", "alpine", "AS ", "build", "\n", "\n", "\n", "RUN ", "<<EOF", "<<-\"E O\"", "EOF", "\\\n", "`\n", "# escape=`\n", "# syntax=docker/dockerfile:1\n", "COPY ", "--from=", "build", "0", " ", "\t", "ARG ", "X=1", "X", "$X",
  "${X:-d}", "${X%a*}", "${X/a/b}", "\"", "'", "\\", "ENV ", "a=b", "a b", "[\"a\",\"b\"]", "[", "HEALTHCHECK ", "CMD ", "NONE", "USER ", "1000", "ONBUILD ", "--mount=type=bind,from=build,target=/x ", "é", "\u00a0", "\r", "#",
  "# c\n", "scratch", "--platform=$BUILDPLATFORM ", "FROM scratch\n", "FROM a AS b\n", "LABEL ", "x=\"y z\"", "--", "--link ", "EXPOSE ", "80 ", "<<", ">", "$", "{", "}", ":", "/", "%", "*", "?", "WORKDIR /a\n", "${Y:+$X}", "${X#?}",
  "${X##*a}", "ADD ", "&& ", "| sh ", "apt-get install -y curl ", "curl -k https://a ", "; ",
];

/** Lines that BuildKit builds, so that the stages behind them are compared too. */
const lines = [
  "FROM alpine:3 AS base", "FROM base AS build", "FROM scratch", "FROM ${A:-debian}:${B}", "FROM build", "FROM busybox AS Tools", "ARG A=x/y", "ARG B=${A#*/}", "ARG A", "USER app", "USER ${U:-7}:$G", "ENV U=app G=\"a b\"", "ARG U=1",
  "COPY --from=base /a /b", "COPY --from=tools /a /b", "COPY --from=0 /a /b", "COPY --link --from=quay.io/x/y:1 /a /b", "RUN --mount=type=bind,from=base,target=/x true", "RUN --mount=from=nginx,target=/x --mount=type=cache,target=/c true",
  "ONBUILD COPY --from=redis /a /b", "ONBUILD USER late", "RUN <<EOF\necho FROM no\nEOF", "COPY <<-\"E\" /f\n\tFROM no\n\tE", "WORKDIR /a", "CMD [\"x\"]",
];

/** The corpus, and texts made of it and of pieces; the same for the same seed. */
export function randomDockerfiles(corpus: readonly string[], seed: number, count: number): readonly string[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? "";
  const joined = (list: readonly string[], length: number, between = ""): string => Array.from({ length }, () => pick(list)).join(between);
  const changed = (text: string): string => {
    const at = random(text.length + 1);
    return [`${text.slice(0, at)}${pick(pieces)}${text.slice(at)}`, text.slice(0, at) + text.slice(at + 1 + random(5)), text.slice(0, at) + text.slice(Math.max(0, at - 20))][random(3)] ?? text;
  };
  const texts = Array.from({ length: count }, (_, index) => {
    switch (index % 4) {
      case 0: return `${random(3) === 0 ? "" : "FROM alpine:$X AS build\n"}${joined(pieces, 1 + random(25))}`;
      case 1: return Array.from({ length: 1 + random(4) }).reduce<string>(changed, pick(corpus));
      case 2: return `${joined(["ARG A=x/y", "ARG B=1", "ARG A", "# c"], random(3), "\n")}\nFROM alpine\n${joined(lines, 1 + random(12), "\n")}\n`;
      default: return Array.from({ length: random(300) }, () => String.fromCharCode(random(random(2) === 0 ? 128 : 0xd800))).join("");
    }
  });
  return [...corpus, ...texts];
}
