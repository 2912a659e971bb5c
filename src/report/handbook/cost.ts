/**
 * What a search costs as the heap grows: searchSteps for each request, measured by replays.
 *
 * The heap is filled with N objects of 8 to 64 bytes, each size alike; then random ones die and others are born, 2N
 * of them. The first N deaths and births let the holes reach their steady number (Knuth's fifty-percent rule); the
 * steps of the requests behind them are counted.
 */
import { choosePolicy } from "../../replay/policies.ts";
import { replay } from "../../replay/replay.ts";
import { generateTrace } from "../../workloads/registry.ts";

/** The two that the page is about come first. */
export const COMPARED: readonly string[] = ["freertos-heap4", "tlsf", "newlib-nano", "umm", "o1heap"];

/** Live blocks. */
export const SIZES: readonly number[] = [250, 500, 1000, 2000, 4000, 8000, 16000];

/** Arena over the most bytes asked for at once: nobody is short of room, however much a block is rounded up. */
const ROOM = 8;
const SEED = 1;

export interface Cost {
  readonly policy: string;
  /** searchSteps for each request, by SIZES; undefined where the policy cannot hold so many blocks. */
  readonly steps: readonly (number | undefined)[];
}

export const workloadOf = (live: number): string =>
  `random:live=${live},steps=${2 * live},smallest=8,largest=64,release=0`;

export function measureCost(policies = COMPARED, sizes = SIZES): Cost[] {
  const columns = sizes.map((live) => {
    const trace = generateTrace(workloadOf(live), SEED);
    const heap = ROOM * trace.peakLiveBytes;
    const from = trace.events - 2 * live;
    return policies.map((policy) => {
      const { metrics, recording } = replay(trace, { ...choosePolicy(policy), heap, from, record: false });
      return recording.refusals.length > 0 ? undefined : metrics.searchSteps / live;
    });
  });
  return policies.map((policy, i) => ({ policy, steps: columns.map((column) => column[i]) }));
}
