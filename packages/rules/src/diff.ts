const context = 3;

type Step = readonly [sign: " " | "-" | "+", line: string];

/** The lines that differ, with those around them, as `diff -u` prints them without the names of files. */
export function unifiedDiff(before: string, after: string): readonly string[] {
  const steps = compare(before.trimEnd().split("\n"), after.trimEnd().split("\n"));
  const near = steps.map((_, index) => steps.slice(Math.max(0, index - context), index + context + 1).some(([sign]) => sign !== " "));
  const printed: string[] = [];
  let [left, right] = [1, 1];
  steps.forEach(([sign, line], index) => {
    if (near[index] === true) {
      if (near[index - 1] !== true) printed.push(header(steps, near, index, left, right));
      printed.push(`${sign}${line}`);
    }
    if (sign !== "+") left += 1;
    if (sign !== "-") right += 1;
  });
  return printed;
}

function header(steps: readonly Step[], near: readonly boolean[], start: number, left: number, right: number): string {
  const end = near.indexOf(false, start);
  const hunk = steps.slice(start, end < 0 ? undefined : end);
  const count = (absent: string): number => hunk.filter(([sign]) => sign !== absent).length;
  return `@@ -${left},${count("+")} +${right},${count("-")} @@`;
}

/** By the longest common subsequence; what is removed comes before what is added. */
function compare(before: readonly string[], after: readonly string[]): readonly Step[] {
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? [];
    for (let j = after.length - 1; j >= 0; j--) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      steps.push([" ", before[i] ?? ""]);
      i += 1;
      j += 1;
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) steps.push(["-", before[i++] ?? ""]);
    else steps.push(["+", after[j++] ?? ""]);
  }
  return steps;
}
