/** What changed from one baseline to the next, in lines for people. */
import type { Baseline } from "./baseline.ts";

/** Sorted by cell: `+` for a new one, `-` for one that is gone, and a line for each figure of one that changed. */
export function difference(before: Baseline | undefined, after: Baseline): string[] {
  const lines: string[] = [];
  if (before && before.version !== after.version)
    lines.push(`Heapscape ${before.version} -> ${after.version}`);
  const keys = new Set([...(before?.cells.keys() ?? []), ...after.cells.keys()]);
  for (const key of [...keys].sort()) {
    const was = before?.cells.get(key);
    const is = after.cells.get(key);
    if (!was || !is) {
      lines.push(`${was ? "-" : "+"} ${key}`);
      continue;
    }
    const figures = [...new Set([...Object.keys(was.metrics), ...Object.keys(is.metrics)])].sort();
    const changed = figures.filter((figure) => was.metrics[figure] !== is.metrics[figure]);
    for (const figure of changed)
      lines.push(`~ ${key}: ${figure} ${was.metrics[figure] ?? "-"} -> ${is.metrics[figure] ?? "-"}`);
    if (changed.length > 0) continue;
    for (const hash of ["trace", "parameters", "recording"] as const)
      if (was[hash] !== is[hash]) lines.push(`~ ${key}: ${hash} ${was[hash]} -> ${is[hash]}`);
  }
  return lines;
}
