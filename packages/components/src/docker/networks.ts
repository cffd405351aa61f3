import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../arguments/argument-error";

/** One network that a container is on. */
export interface Attachment {
  readonly name: pulumi.Input<string>;
  /** What else than its name it is called there. */
  readonly aliases?: string[];
}

/** The networks of one container, which links add to until the program's present turn ends. */
export class Attachments {
  private readonly networks: Attachment[];
  private isClosed = false;

  constructor(networks: readonly pulumi.Input<string>[]) {
    this.networks = networks.map((name) => ({ name }));
  }

  add(network: Attachment, path: string): void {
    this.demandOpen(path);
    this.networks.push(network);
  }

  /** @throws ArgumentError where the container is being made already. */
  demandOpen(path: string): void {
    if (this.isClosed) throw new ArgumentError(path, "a link that is declared in the same turn as its two containers (no await between)", "a container that is being made already");
  }

  /** All of them, once the turn is over. */
  settled(): Promise<Attachment[]> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.isClosed = true;
        resolve(this.networks);
      });
    });
  }
}
