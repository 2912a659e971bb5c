/** Figures of findings and metrics, short enough for a table. */
import type { Failure } from "../engine/result.ts";
import type { Finding } from "../gate/verdict.ts";
import { METRICS } from "../metrics/metric.ts";
import { formatSize } from "../options/size.ts";

const SHORT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TENTH = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** Six digits, more only before the point; what is no number as it is. */
export function figure(value: number | string | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return (Math.abs(value) < 1e6 ? SHORT : WHOLE).format(value);
}

/** `+12.5%`, or `+3` where there is nothing to be a share of; nothing where the figure did not go from a number to another. */
export function change({ was, is }: Pick<Finding, "was" | "is">): string {
  if (typeof was !== "number" || typeof is !== "number" || was === is) return "";
  const sign = is > was ? "+" : "-";
  if (was === 0) return `${sign}${figure(Math.abs(is))}`;
  return `${sign}${Number((100 * Math.abs((is - was) / was)).toPrecision(3))}%`;
}

const UNITS: ReadonlyMap<string, string> = new Map(METRICS.map(({ name, unit }) => [name, unit]));

/** A metric's value in its unit: `1.5 KiB`, `12.3%`, `1,234`. */
export function metricText(name: string, value: number): string {
  const base = name.replace(/\.(mean|max|last)$/, "");
  switch (UNITS.get(base)) {
    case "bytes":
      return formatSize(value);
    case "ratio":
      return base.startsWith("jw") ? value.toFixed(3) : `${(100 * value).toFixed(1)}%`;
    case "percent":
      return `${value.toFixed(1)}%`;
    default:
      return TENTH.format(value);
  }
}

/** `first-fit:header=8 in 64 KiB`. */
export const placeOf = (called: string, heap: Failure["heap"]): string =>
  `${called} in ${heap === "grow" ? "a heap that grows" : typeof heap === "number" ? formatSize(heap) : `a heap of ${heap} the peak`}`;
