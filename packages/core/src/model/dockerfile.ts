import type { Field } from "../field";
import type { SubjectBase } from "./subject";

/**
 * One instruction of a Dockerfile, of a stage that is built. The words of a command line, and values of variables, never
 * enter the model.
 */
export interface BuildStep extends SubjectBase {
  readonly about: "buildStep";
  /** In upper case: RUN. */
  readonly keyword: string;
  /** Whether what it does stays in the image: its stage is the one that is built, or one that this stands on. */
  readonly inImage: boolean;
  /** Of a RUN, a CMD, an ENTRYPOINT and a health check. */
  readonly runsSudo: Field<boolean>;
  readonly pipesDownload: Field<boolean>;
  /** Names of an ENV, or of what a command line sets, that look like credentials. */
  readonly secretVariables: Field<readonly string[]>;
  /** Names of an ARG that look like credentials. */
  readonly secretArguments: Field<readonly string[]>;
  /** Names of files from the build context that hold credentials by their name. */
  readonly credentialFiles: Field<readonly string[]>;
  /** Whether an ADD does only what a COPY does. Writing false makes it one. */
  readonly addsFiles: Field<boolean>;
  /** What downloads without a checksum or a signature being checked: ADD, curl, wget. */
  readonly uncheckedDownloads: Field<readonly string[]>;
  /** Options and variables that turn the verification of a certificate or a signature off. */
  readonly unverified: Field<readonly string[]>;
  /** Programs that fetch the index of packages in a step that installs nothing. */
  readonly loneUpdates: Field<readonly string[]>;
  /** Package managers whose index or cache stays in the layer. */
  readonly keptCaches: Field<readonly string[]>;
  /** Packages that are installed in whatever version there is. */
  readonly unpinnedPackages: Field<readonly string[]>;
  /** Programs that set a password. */
  readonly passwords: Field<readonly string[]>;
  /** Packages that build software and are installed into the image. */
  readonly buildTools: Field<readonly string[]>;
  /** Whether a CMD or an ENTRYPOINT runs through a shell that nobody asked for. Writing false makes it a list where that changes nothing. */
  readonly shellForm: Field<boolean>;
  /** Whether a WORKDIR is relative to a folder that the Dockerfile does not say. */
  readonly relativeFolder: Field<boolean>;
  /** The form that was given up: MAINTAINER, or `ENV name value`. Writing undefined gives the present one. */
  readonly deprecatedForm: Field<string>;
  /** Whether a later instruction of its stage takes its place. Writing false takes it away. */
  readonly superseded: Field<boolean>;
  /** What is wrong with a stage's name: `duplicate` or `reserved`. */
  readonly stageName: Field<string>;
  /** Variables of a FROM that no ARG before the first one declares. */
  readonly undeclaredVariables: Field<readonly string[]>;
  /** What it copies as a whole: the `build context`, where nothing says what to leave out, or a `file system`. */
  readonly copiesWhole: Field<string>;
}

/** The image that a Dockerfile makes. */
export interface BuiltImage extends SubjectBase {
  readonly about: "builtImage";
  /** The last USER, of the stage or of one that it stands on. */
  readonly user: Field<string>;
  readonly nonRoot: Field<boolean>;
  readonly healthcheck: Field<boolean>;
  readonly ports: Field<readonly number[]>;
  readonly startsSshServer: Field<boolean>;
  readonly labels: Field<readonly string[]>;
  /** Labels whose name or value is not of the form that the OCI image specification asks for. */
  readonly malformedLabels: Field<readonly string[]>;
  /** The base where it is a toolchain, such as golang. */
  readonly buildTools: Field<readonly string[]>;
}
