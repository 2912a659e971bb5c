/** What `npm run bench` prints: JSON as other programs read it, or a table for people. */
import type { Absent } from "./contenders.ts";

export interface Row {
  readonly trace: string;
  /** Objects that live at once. */
  readonly live: number;
  /** A policy by its call, or a peer. */
  readonly name: string;
  /** Exact metrics at every event. */
  readonly metrics: boolean;
  /** CPU time: the median of the rounds. */
  readonly nsPerEvent: number;
  /** (slowest - fastest round) / median. */
  readonly spread: number;
  /** Events measured: fewer than the trace has where the budget came first. */
  readonly events: number;
  readonly ours: boolean;
}

export interface Skipped extends Absent {
  readonly trace?: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
  readonly glibc: string | undefined;
  readonly compiler: string | undefined;
}

export interface Report {
  readonly machine: Machine;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

/** A line for each policy and peer; behind it, for every peer of the trace, peer's time / its time. */
export function table({ machine, rounds, rows, skipped }: Report): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; glibc ${machine.glibc ?? "none"}; ` +
      `${machine.compiler ?? "no C compiler"}`,
    `CPU time an event, median of ${rounds} interleaved rounds; peer's time / ours: above 1, ours is faster`,
  ];
  for (const trace of new Set(rows.map((row) => row.trace))) {
    const here = rows.filter((row) => row.trace === trace);
    const peers = here.filter(({ ours }) => !ours);
    const header = ["", "ns", "spread", "events", ...peers.map(({ name }) => `/ ${name}`)];
    const cells = here.map((row) => [
      row.name + (row.metrics ? " +metrics" : ""),
      row.nsPerEvent.toFixed(row.nsPerEvent < 1000 ? 1 : 0),
      `${Math.round(row.spread * 100)}%`,
      `${row.events}`,
      ...(row.ours ? peers.map((peer) => (peer.nsPerEvent / row.nsPerEvent).toPrecision(2)) : []),
    ]);
    lines.push("", `${trace}, ${here[0].live} live`, ...aligned([header, ...cells]));
  }
  if (skipped.length > 0) lines.push("");
  for (const { name, trace, why } of skipped)
    lines.push(`skipped: ${name}${trace === undefined ? "" : ` on ${trace}`}: ${why}`);
  return `${lines.join("\n")}\n`;
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
  );
}
