import type { Digest, EvidenceLock, ImageEvidence } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";

/**
 * As `indexLock`, for a process that lives on with it: an image that nobody asks for is kept as text. The records of
 * thousands of images as objects would be looked through with every collection of garbage.
 */
export function compactIndex({ references, images, ...lock }: EvidenceLock): ReturnType<typeof indexLock> {
  const texts = new Map<Digest, string>();
  const related: { [digest: Digest]: Pick<ImageEvidence, "platforms" | "config"> } = {};
  for (const [digest, image] of Object.entries(images)) {
    const { platforms, config } = image;
    texts.set(digest, JSON.stringify(image));
    if (platforms !== undefined || config !== undefined) related[digest] = { ...(platforms === undefined ? {} : { platforms }), ...(config === undefined ? {} : { config }) };
  }
  const index = indexLock({ ...lock, references, images: related });
  const asked = new Map<Digest, ImageEvidence>();
  return {
    ...index,
    // The same object each time: what was found out of a record is remembered by it.
    image: (digest) => {
      const before = asked.get(digest);
      const text = before === undefined ? texts.get(digest) : undefined;
      if (text === undefined) return before;
      const image = JSON.parse(text) as ImageEvidence;
      asked.set(digest, image);
      texts.delete(digest);
      return image;
    },
  };
}
