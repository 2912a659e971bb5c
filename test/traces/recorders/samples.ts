/** The samples in test/fixtures/recorders, and what each must come to: counted by hand, or with grep. */
import { readFileSync } from "node:fs";
import type { Fidelity, Trace } from "../../../src/traces/trace.ts";

export interface Sample {
  readonly file: string;
  readonly format: string;
  readonly fidelity: Fidelity;
  /** malloc, calloc, memalign, realloc, free. */
  readonly ops: readonly [number, number, number, number, number];
  readonly anomalies?: Readonly<Record<string, number>>;
}

const UNKNOWN = "free of an unknown block";
const OF_NULL = "free of NULL";

export const samples: readonly Sample[] = [
  {
    file: "broker.bpftrace.txt",
    format: "bpftrace",
    fidelity: "partial",
    ops: [93, 1, 0, 0, 25],
    anomalies: { "lost event": 216, "realloc of an unknown block": 2, [OF_NULL]: 1 },
  },
  {
    file: "features.bpftrace.txt",
    format: "bpftrace",
    fidelity: "partial",
    ops: [2, 1, 1, 1, 1],
    anomalies: { "lost event": 3, [UNKNOWN]: 2, "truncated tail": 1 },
  },
  {
    file: "broker.heaptrack",
    format: "heaptrack",
    fidelity: "ambiguous",
    ops: [83, 0, 0, 0, 24],
  },
  {
    file: "features.heaptrack",
    format: "heaptrack",
    fidelity: "ambiguous",
    ops: [3, 0, 0, 0, 3],
    anomalies: {
      [UNKNOWN]: 1,
      "unreadable line": 1,
      "free that may mean one of several blocks, taken to be the newest (25.0% of the frees)": 1,
    },
  },
  { file: "broker.heaptrack.raw", format: "heaptrack-raw", fidelity: "exact", ops: [103, 0, 0, 0, 32] },
  { file: "broker.heaptrack.raw.zst", format: "heaptrack-raw", fidelity: "exact", ops: [103, 0, 0, 0, 32] },
  {
    file: "features.heaptrack.raw",
    format: "heaptrack-raw",
    fidelity: "partial",
    ops: [3, 0, 0, 0, 1],
    anomalies: { "request of 0 bytes": 1, [UNKNOWN]: 1 },
  },
  {
    file: "features.logalloc.txt",
    format: "logalloc",
    fidelity: "exact",
    ops: [1, 1, 3, 1, 1],
    anomalies: { "call of another process than the first, 500": 2, [OF_NULL]: 1 },
  },
  {
    file: "munged.logalloc.txt",
    format: "logalloc",
    fidelity: "exact",
    ops: [3, 0, 0, 1, 2],
    anomalies: { [OF_NULL]: 1 },
  },
  {
    file: "broker.ltrace.txt",
    format: "ltrace",
    fidelity: "partial",
    ops: [92, 0, 0, 0, 28],
    anomalies: { [UNKNOWN]: 8, [OF_NULL]: 3 },
  },
  {
    file: "features.ltrace.txt",
    format: "ltrace",
    fidelity: "partial",
    ops: [2, 1, 1, 1, 1],
    anomalies: { "call whose block is not told": 1, "failed call": 1, "truncated tail": 1 },
  },
  { file: "broker.memory_replay.txt", format: "memory-replay", fidelity: "exact", ops: [114, 0, 0, 1, 35] },
  {
    file: "features.memory_replay.txt",
    format: "memory-replay",
    fidelity: "partial",
    ops: [3, 1, 1, 1, 3],
    anomalies: {
      [OF_NULL]: 1,
      "failed call": 1,
      [UNKNOWN]: 1,
      "realloc to 0 bytes": 1,
      "request of 0 bytes": 1,
      "allocation at a live address": 1,
    },
  },
  { file: "broker.mtrace.txt", format: "mtrace", fidelity: "partial", ops: [112, 0, 0, 1, 35] },
  {
    file: "features.mtrace.txt",
    format: "mtrace",
    fidelity: "partial",
    ops: [4, 0, 0, 1, 1],
    anomalies: { "request of 0 bytes": 1, "failed call": 2, [UNKNOWN]: 1, "unreadable line": 1 },
  },
  {
    file: "features.rep",
    format: "malloc-lab",
    fidelity: "partial",
    ops: [4, 0, 0, 1, 3],
    anomalies: { "realloc of an unknown block": 1 },
  },
  {
    file: "broker.valgrind.txt",
    format: "valgrind",
    fidelity: "partial",
    ops: [89, 0, 0, 7, 26],
    anomalies: { "realloc of an unknown block": 1 },
  },
  {
    file: "features.valgrind.txt",
    format: "valgrind",
    fidelity: "exact",
    ops: [3, 1, 1, 0, 3],
    anomalies: { [OF_NULL]: 1 },
  },
];

export const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(`${import.meta.dirname}/../../fixtures/recorders/${file}`));

/** What of a trace a sample is held to. */
export function comesTo(trace: Trace): Pick<Sample, "fidelity" | "ops" | "anomalies"> {
  const ops: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const chunk of trace.chunks) for (const op of chunk.op) ops[op]++;
  const anomalies = Object.fromEntries(trace.anomalies.map(({ kind, count }) => [kind, count]));
  return { fidelity: trace.fidelity, ops, anomalies };
}
