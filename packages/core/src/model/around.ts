import type { Field } from "../field";
import type { SubjectBase } from "./subject";

/** How an image is built. Neither the values of arguments nor those of secrets enter the model. */
export interface Build extends SubjectBase {
  readonly about: "build";
  /** Names of the build arguments that look like credentials. */
  readonly secretArguments: Field<readonly string[]>;
  /** Whether the steps of the build run in the host's network. */
  readonly hostNetwork: Field<boolean>;
  /** What takes the build's confinement away: `security.insecure`, `seccomp=unconfined`, `privileged`. */
  readonly privileges: Field<readonly string[]>;
}

/** Whom a connection reaches. */
export type Peer = "cluster" | "daemon" | "registry" | "chart repository";

/** A connection that a provider or a resource makes, and what is given up on it. */
export interface Connection extends SubjectBase {
  readonly about: "connection";
  readonly peer: Peer;
  readonly unencrypted: Field<boolean>;
  /** Whether the peer's certificate or key is not checked. */
  readonly unverified: Field<boolean>;
}

/** A plugin of the Docker engine, which runs as root on the host. */
export interface Plugin extends SubjectBase {
  readonly about: "plugin";
  readonly grantsAll: Field<boolean>;
  /** What is granted by name, one entry for each value; mounts are volumes. */
  readonly grants: Field<readonly PluginGrant[]>;
}

/** In the engine's words: `network` and `host`, `device` and `/dev/fuse`, `capabilities` and `CAP_SYS_ADMIN`. */
export interface PluginGrant {
  readonly name: string;
  readonly value: string;
}

/** The values that a chart is rendered with where nobody here sees the result. */
export interface ChartValues extends SubjectBase {
  readonly about: "chartValues";
  /** Paths of the values that plainly weaken what is deployed. */
  readonly weakenings: Field<readonly string[]>;
}

/** A repository of images in a cloud's registry, or the registry where that is what has the settings. */
export interface ImageRepository extends SubjectBase {
  readonly about: "imageRepository";
  readonly scansOnPush: Field<boolean>;
  /** Whether a tag stays what it was. */
  readonly immutableTags: Field<boolean>;
  /** Whether anybody may pull, without signing in. */
  readonly anonymousPull: Field<boolean>;
}
