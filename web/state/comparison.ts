/** Every policy of the scenario on the trace that is open, one after the other; and how far that is. */

import { effect, signal } from "@preact/signals";
import { proxy } from "comlink";
import type { Measured } from "../worker/protocol.ts";
import { choosePolicy, formatChoice } from "./catalogue.ts";
import { engine, event, lanes, place, scenario, trace } from "./session.ts";

export interface Compared {
  readonly policy: string;
  readonly measured: Measured | undefined;
  /** Why there is nothing measured, if it was tried. */
  readonly problem: string | undefined;
}

export interface Comparison {
  /** Events applied. */
  readonly event: number;
  /** Bytes of the arena for what cannot grow, or for all. */
  readonly arena: number;
  readonly allInArena: boolean;
  readonly rows: readonly Compared[];
}

export const comparison = signal<Comparison | undefined>(undefined);
/** The row that is being replayed, and its share. */
export const comparing = signal<{ readonly row: number; readonly share: number } | undefined>(undefined);
/** Policies beside those of the scenario. */
const added = signal<readonly string[]>([]);
/** Every policy in an arena as large as the first one's heap, also those that could grow. */
export const allInArena = signal(false);

/** Those that are compared: of the scenario, else of the page, and what was added. The first one leads. */
export const compared = (): readonly string[] => [
  ...new Set([...(scenario.value?.policies ?? lanes.value.map(({ policy }) => policy)), ...added.value]),
];

/** Throws OptionError when there is no such policy. */
export function addPolicy(text: string): void {
  added.value = [...added.value, formatChoice(choosePolicy(text))];
}

let turn = 0;

/** Runs what is not measured yet at the cursor. */
export async function compareAll(): Promise<void> {
  const mine = ++turn;
  const at = event.value;
  const heap = place.value?.heap ?? "grow";
  const whole = allInArena.value;
  const before = comparison.value;
  const kept = before?.event === at && before.allInArena === whole ? before : undefined;
  const policies = compared();
  const rows: Compared[] = policies.map(
    (policy) =>
      kept?.rows.find((row) => row.policy === policy && row.measured) ?? {
        policy,
        measured: undefined,
        problem: undefined,
      },
  );
  let arena = kept?.arena ?? leadersPeak(policies[0]);
  const tell = () => {
    comparison.value = { event: at, arena, allInArena: whole, rows: [...rows] };
  };
  tell();
  for (const [row, { policy, measured }] of rows.entries()) {
    if (measured) continue;
    comparing.value = { row, share: 0 };
    const progress = proxy((share: number) => {
      // It comes through a port of its own, and may come after the end.
      if (mine === turn && comparing.value?.row === row) comparing.value = { row, share };
    });
    const room = whole && arena > 0 ? String(arena) : heap;
    try {
      const result = await engine.call((laboratory) => laboratory.measure(policy, room, arena, at, progress));
      if (mine !== turn) return;
      rows[row] = { policy, measured: result, problem: undefined };
      if (row === 0 && arena === 0) arena = result.metrics.peakHeapBytes;
    } catch (error) {
      if (mine !== turn) return;
      if ((error as Error).name === "Cancelled") break;
      rows[row] = { policy, measured: undefined, problem: (error as Error).message };
    }
    tell();
  }
  comparing.value = undefined;
}

export function cancelComparison(): void {
  turn++;
  comparing.value = undefined;
  engine.call((laboratory) => laboratory.cancelMeasure()).catch(() => {});
}

/** 0 while it is not known. */
function leadersPeak(policy: string): number {
  return (
    lanes.value.find((lane) => lane.policy === policy && lane.heap === "grow")?.metrics.peakHeapBytes ?? 0
  );
}

// Another trace, heap or list of policies is another comparison.
let subject = "";
effect(() => {
  const next = `${trace.value?.hash} ${place.value?.heap} ${scenario.value?.name}`;
  if (next === subject) return;
  subject = next;
  turn++;
  comparing.value = undefined;
  comparison.value = undefined;
  added.value = [];
  allInArena.value = false;
});
