import { posix } from "node:path";

/**
 * `//run/../run/x/` is `/run/x`. Compose takes `./data` from the project's folder, which is where no file says, and
 * `~` is somebody's home.
 */
export function normalisePath(path: string): string {
  if (path.startsWith(".")) return posix.normalize(path);
  if (path.startsWith("~")) return posix.normalize(`/home/${path}`);
  const normal = posix.normalize(`/${path}`).replace(/^\/+/, "/");
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Whether mounting `directory` gives `path`. Both normalised. */
export function holds(directory: string, path: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}
