import type { Connection, Peer } from "@bulkhead/core";
import { forbids } from "@bulkhead/core";

export const isTo = (peer: Peer) => (subject: Connection): boolean => subject.peer === peer;

export const flaws = ({ unencrypted, unverified }: Connection) => ({ unencrypted: forbids(unencrypted), unverified: forbids(unverified) });

/** What is asked of a connection that gives something up. */
export function safely(peer: string, proof: string): (values: { readonly unencrypted: boolean | undefined; readonly unverified: boolean | undefined }) => string | undefined {
  return ({ unencrypted, unverified }) => (unencrypted === true ? `reach its ${peer} over an encrypted connection` : unverified === true ? `check ${proof} of its ${peer}` : undefined);
}
