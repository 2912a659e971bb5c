/** What must be reached, as ratios of times an event in one run, and how far below a short run may fall. */
import type { Row } from "./table.ts";

export interface Bar {
  /** Of our rows: a policy with metrics; a peer's model, which has that name without them. */
  readonly policy: string;
  /** Of the others, or the policy itself `without metrics`. */
  readonly peer: string;
  /** Least peer's time / ours. */
  readonly ratio: number;
  /** Beginning of the traces' names that it is for. */
  readonly trace: string;
  /** Too far off still for a short run on a busy machine: `--check` says how far, and does not fail. */
  readonly open?: true;
}

const LARGE = "mqtt";
/** With 10,000 live objects: with more, the peer takes minutes. */
const SMALL = "mqtt-live-10k";

export const BARS: readonly Bar[] = [
  { policy: "tlsf", peer: "glibc", ratio: 1, trace: LARGE },
  { policy: "tlsf", peer: "assemblyscript-tlsf", ratio: 1.2, trace: LARGE },
  { policy: "best-fit", peer: "glibc", ratio: 0.9, trace: LARGE, open: true },
  { policy: "slab", peer: "glibc", ratio: 1.1, trace: LARGE, open: true },
  { policy: "buddy", peer: "glibc", ratio: 0.7, trace: LARGE, open: true },
  { policy: "first-fit", peer: "glibc", ratio: 0.35, trace: LARGE },
  { policy: "first-fit", peer: "naive-list", ratio: 200, trace: "mqtt-10m" },
  { policy: "glibc-model", peer: "glibc", ratio: 1 / 3, trace: LARGE },
  { policy: "tlsf", peer: "thi.ng", ratio: 1000, trace: SMALL, open: true },
  { policy: "tlsf", peer: "without metrics", ratio: 1 / 1.4, trace: LARGE },
];

/** A short run on a busy machine may miss a bar by so much. */
export const SLACK = 2.5;

export interface Reached extends Bar {
  /** In which trace, and how much. */
  readonly on: string;
  readonly reached: number;
}

/** Every bar on every trace that it is for and that has both rows. */
export function reached(rows: readonly Row[]): Reached[] {
  return BARS.flatMap((bar) =>
    [...new Set(rows.map(({ trace }) => trace))]
      .filter((trace) => trace.startsWith(bar.trace))
      .flatMap((trace) => {
        const here = rows.filter((row) => row.trace === trace);
        const ours =
          here.find(({ name, ours, metrics }) => ours && metrics && name === bar.policy) ??
          here.find(({ name, ours }) => ours && name === bar.policy);
        const theirs =
          bar.peer === "without metrics"
            ? here.find(({ name, ours, metrics }) => ours && !metrics && name === bar.policy)
            : here.find(({ name, ours }) => !ours && name === bar.peer);
        if (!ours || !theirs) return [];
        return [{ ...bar, on: trace, reached: theirs.nsPerEvent / ours.nsPerEvent }];
      }),
  );
}

/** A line a bar. */
export function verdicts(all: readonly Reached[]): string {
  const two = (n: number) => (n >= 100 ? n.toFixed(0) : n.toPrecision(2));
  return all
    .map(({ policy, peer, ratio, on, reached, open }) => {
      const missed = `missed by ${two(ratio / reached)} times${open ? ", which is known" : ""}`;
      const how = reached >= ratio ? "reached" : missed;
      return `${policy} against ${peer} on ${on}: ${two(reached)}, bar ${two(ratio)}: ${how}\n`;
    })
    .join("");
}
