/** The latest texts, in bounded memory: at least half of `most`, at most `most`. */
export class RecentSet {
  #young = new Set<string>();
  #old = new Set<string>();
  readonly #half: number;

  constructor(most: number) {
    this.#half = most >> 1;
  }

  /** Whether it was not there yet. */
  add(text: string): boolean {
    if (this.#young.has(text)) return false;
    const known = this.#old.has(text);
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(text);
    return !known;
  }
}
