/** The moment after a date's last one, in UTC; what is no date has passed. */
export function endOf(date: string): number {
  if (date === "never") return Number.POSITIVE_INFINITY;
  const start = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date ? Number.NEGATIVE_INFINITY : start + 86_400_000;
}
