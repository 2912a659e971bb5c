/** The colour of a run that is drawn as one: far out, or where a filter leaves it out. */
import type { Inks } from "./palette.ts";
import { Kind, type Runs } from "./runs.ts";

export function inkOf(runs: Runs, i: number, inks: Inks): number {
  const kind = runs.kind[i];
  const faint = runs.emphasis[i] === 1;
  if (kind === Kind.hole) return inks.found;
  if (kind === Kind.live) return (faint ? inks.faintTones : inks.tones)[runs.tone[i]];
  return faint ? inks.faint : kind === Kind.garbage ? inks.garbage : inks.control;
}
