import { join } from "node:path";
import { LoopbackRegistry } from "../e2e/registry-support.ts";
import { missing, root } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const images = 200;
const library = join(root, "packages/image-evidence/dist/index.js");
/** Reads references from its arguments, and prints their digests. */
const script = (what: string): string => `
  const { RegistryClient, resolveImage, fetchAttachments } = require(${JSON.stringify(library)});
  const client = new RegistryClient({ credentials: async () => undefined });
  const work = async (text) => { const image = await resolveImage(client, text); ${what} return image.digest; };
  Promise.all(process.argv.slice(1).map(work)).then((digests) => process.stdout.write(digests.join("\\n")));
`;

/** 200 images of a loopback registry, at most 32 requests at once, a process of Node's included; `crane digest` asks for one digest each. */
export async function registry(): Promise<readonly Comparison[]> {
  if (missing("crane", "docker-registry")) return [];
  const started = await LoopbackRegistry.start("docker-registry");
  try {
    say(`pushing ${images} images`);
    await started.pushImage("bench/app:0", "bench");
    const references = Array.from({ length: images }, (_, index) => `${started.host}/bench/app:${index}`);
    const digests = await pushMany(started, references);
    const ours = (what = "") => async (): Promise<number> => {
      const begin = performance.now();
      const { code, stdout, stderr } = await run(process.execPath, ["-e", script(what), ...references], { env: started.env });
      if (code !== 0 || stdout !== digests.join("\n")) throw new Error(`not the digests that crane says: ${stderr}`);
      return performance.now() - begin;
    };
    const crane = {
      name: "crane digest, one by one", measure: async (): Promise<number> => {
        const begin = performance.now();
        for (const reference of references) await started.use("crane", "digest", reference);
        return performance.now() - begin;
      },
    };
    return [
      await compare("digests, configs and platforms of 200 images", "ms", { name: "resolveImage", measure: ours() }, crane, 5, 1),
      await compare("the same, and what is attached", "ms", { name: "resolveImage, fetchAttachments", measure: ours("await fetchAttachments(client, image);") }, crane, 3, 1),
    ];
  } finally {
    await started.stop();
  }
}

/** A different image for each reference: the label differs, and with it config and digest. */
export async function pushMany(started: LoopbackRegistry, references: readonly string[]): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const [index, reference] of references.entries()) {
    await started.use("crane", "mutate", `${started.host}/bench/app:0`, "--label", `index=${index}`, "-t", reference);
    digests.push(await started.use("crane", "digest", reference));
  }
  return digests;
}
