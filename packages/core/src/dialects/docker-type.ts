/** `docker:index:Container`, as the CLI shows it, is `docker:index/container:Container`. */
export function normaliseDockerType(type: string): string {
  const short = /^docker:index:([A-Z]\w*)$/.exec(type)?.[1];
  return short === undefined ? type : `docker:index/${short[0]?.toLowerCase()}${short.slice(1)}:${short}`;
}
