/** A verdict in one sentence. */
import type { Verdict } from "../gate/verdict.ts";

/** `13 cells compared with heapscape.baseline.json: 2 errors, 1 improvement; 10 are as before.` */
export function sumOf({ findings, compared, same, against }: Verdict): string {
  const found = (["error", "warning", "improvement"] as const)
    .map((level) => [level, findings.filter((finding) => finding.level === level).length] as const)
    .filter(([, times]) => times > 0)
    .map(([level, times]) => counted(times, level));
  const rest = same === compared && found.length === 0 ? "all are" : same === 1 ? "1 is" : `${same} are`;
  const what = found.length > 0 ? `${found.join(", ")}; ` : "";
  return `${counted(compared, "cell")} compared with ${against}: ${what}${rest} as before.`;
}

export const counted = (times: number, what: string): string =>
  `${times.toLocaleString("en-US")} ${what}${times === 1 ? "" : "s"}`;
