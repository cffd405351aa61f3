import { posix } from "node:path";

/**
 * `//run/../run/x/` is `/run/x`. Compose takes `./data` from a folder that may be known, and `~` is somebody's home.
 */
export function normalisePath(path: string, folder?: string): string {
  if (folder !== undefined) return normalisePath(posix.resolve(`/${slashes(folder)}`, slashes(path)));
  if (path.startsWith(".")) return posix.normalize(path);
  if (path.startsWith("~")) return posix.normalize(`/home/${path}`);
  const normal = posix.normalize(`/${path}`).replace(/^\/+/, "/");
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Windows' separators, without its drive. */
function slashes(path: string): string {
  return path.replace(/^[a-zA-Z]:/, "").replaceAll("\\", "/");
}

/** Whether mounting `directory` gives `path`. Both normalised. */
export function holds(directory: string, path: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

/** The folder nearest to two paths that holds both. */
function sharedFolder(a: string, b: string): string {
  let shared = a;
  while (!holds(shared, b)) shared = posix.dirname(shared);
  return shared;
}

const depth = (path: string): number => path.split("/").filter((part) => part !== "").length;

/**
 * Whether a path is a part of what stands around the file that names it, below a directory of the host: a checkout in
 * somebody's home, a project in /etc/compose. What belongs to all of the directory, or of the home, is not.
 */
export function isOwn(directory: string, path: string, folder: string): boolean {
  const from = normalisePath(".", folder);
  const shared = sharedFolder(from, path);
  return holds(directory, shared) && ((shared === from && path !== from) || depth(shared) > depth(directory) + (directory === "/home" ? 1 : 0));
}

/** The directory in somebody's home that a path is in, or is, where its name begins with a dot: .ssh, .aws, .kube. */
export function dotDirectories(path: string): readonly string[] {
  return /^(\/root|\/home\/[^/]+|\/Users\/[^/]+)\/\.[^/]+/.exec(path)?.slice(0, 1) ?? [];
}

/** How a message names a path: as it is written, and what it comes to where that is written. */
export function namePath(path: string, folder: string | undefined): string {
  return folder === undefined ? JSON.stringify(path) : `${JSON.stringify(path)} (here ${JSON.stringify(normalisePath(path, folder))})`;
}
