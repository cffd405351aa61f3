/** What the page is made of: plain data, of which the same input makes the same bytes. Numbers are places in lists. */
export interface PictureData {
  /** What was compared, or looked at: paths as they were given. */
  readonly title: string;
  readonly groups: readonly PictureGroup[];
  readonly nodes: readonly PictureNode[];
  /** Ports and reasons. */
  readonly texts: readonly string[];
  /** Nodes that stand together at one end of a connection. */
  readonly sets: readonly (readonly number[])[];
  readonly before?: PictureSide;
  readonly after: PictureSide;
  /** What could not be evaluated, or was not known. */
  readonly notes: readonly string[];
}

export interface PictureGroup {
  readonly name: string;
  readonly kind: "namespace" | "network" | "outside";
}

export interface PictureNode {
  /** Unique: `Deployment shop/api`, `container web`, `outside`, `10.0.0.0-10.0.0.255`. */
  readonly name: string;
  /** `api`. */
  readonly label: string;
  /** `Deployment`, `container`, `addresses`. */
  readonly kind: string;
  /** The first is where it stands; a container can be on several networks. */
  readonly groups: readonly number[];
}

/** Sets of senders and receivers, and the texts of the ports and of what lets the connection through at either end. */
export type PictureLink = readonly [from: number, to: number, ports: number, egress: number, ingress: number];

export interface PictureSide {
  /** The path that it was read from. */
  readonly label: string;
  readonly links: readonly PictureLink[];
  /** What was seen of a connection, where the policies were learned: the text of its flows, or of who declared it. */
  readonly seen: readonly (readonly [from: number, to: number, text: number])[];
  /** For each node the texts of the policies that apply to it; null where none can: what is no pod. */
  readonly policies: readonly ({ readonly ingress: readonly number[]; readonly egress: readonly number[] } | null)[];
}
