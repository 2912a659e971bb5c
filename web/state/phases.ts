/** The phases of the trace, as people read them. */
import type { Phase } from "../../src/traces/trace.ts";
import { trace } from "./session.ts";

/** `cycle 2 drain`: the name and those words of the detail that are not measurements, `t=63.4s`. */
export const phaseName = ({ name, detail }: Phase): string =>
  [name, ...detail.split(" ").filter((word) => word !== "" && !word.includes("="))].join(" ");

/** The phase that an event, from 0, belongs to; undefined before the first. */
export const phaseOf = (event: number): Phase | undefined =>
  trace.value?.phases.findLast((phase) => phase.event <= event);
