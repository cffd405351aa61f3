import type { IpBlock, Selector } from "../model/policy";
import { type AddressRange, parseCidr } from "./address";
import type { ClassIndex } from "./classes";
import type { AddressSet } from "./partition";
import { selectorKey } from "./selector";

/** The sets of peers that policies name, each with one number: pods by selectors, or addresses. */
export interface PeerSets {
  /** Classes of pods by the number of a set. */
  readonly pods: ReadonlyMap<number, readonly number[]>;
  readonly addresses: ReadonlyMap<number, AddressSet>;
  /** The blocks of `addresses`, as they were given. */
  readonly blocks: readonly IpBlock[];
  readonly podSet: (namespaces: Selector | string | undefined, pods: Selector) => number;
  /** The text that is no block is handed to `refuse`; undefined where it is the block's own. */
  readonly addressSet: (block: IpBlock, refuse: (path: string, found: string) => void) => number | undefined;
}

export function createPeerSets(index: ClassIndex): PeerSets {
  const numbers = new Map<string, number>();
  const pods = new Map<number, readonly number[]>();
  const addresses = new Map<number, AddressSet>();
  const blocks: IpBlock[] = [];
  const numberOf = (key: string, make: (id: number) => void): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const id = numbers.size;
    numbers.set(key, id);
    make(id);
    return id;
  };
  return {
    pods,
    addresses,
    blocks,
    podSet: (where, selector) => {
      const place = where === undefined ? "*" : typeof where === "string" ? `=${where}` : selectorKey(where);
      return numberOf(`pods ${place} ${selectorKey(selector)}`, (id) => pods.set(id, index.select(where, selector)));
    },
    addressSet: ({ cidr, except }, refuse) => {
      const block = parseCidr(cidr);
      if (block === undefined) {
        refuse("cidr", cidr);
        return undefined;
      }
      const holes: AddressRange[] = [];
      for (const [position, text] of (except ?? []).entries()) {
        const hole = parseCidr(text);
        if (hole === undefined) refuse(`except[${position}]`, text);
        else holes.push(hole);
      }
      return numberOf(`addresses ${cidr} ${(except ?? []).join(" ")}`, (id) => {
        addresses.set(id, { block, except: holes });
        blocks.push({ cidr, ...(except === undefined ? {} : { except }) });
      });
    },
  };
}
