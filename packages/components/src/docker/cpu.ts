/** The scheduler's usual period, in microseconds. */
const period = 100_000;

/** How a `docker.Container` says an amount of CPU. */
export interface CpuInputs {
  readonly cpus?: string;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
}

/**
 * As the provider reads it back (helpers.go, nanoInt64ToDecimalString), as another text would replace the container with every update:
 * whole cores end with `.0`, tens with a point. What it rounds away, such as 0.05, is said as a quota, which it does not read.
 */
export function cpuInputs(cores: number): CpuInputs {
  const nine = cores.toFixed(9);
  const text = nine.split("0").length - 1 === 9 ? cores.toFixed(1) : nine.replace(/0+$/, "");
  return Number(text) === cores ? { cpus: text } : { cpuPeriod: period, cpuQuota: Math.round(cores * period) };
}
