/**
 * A trace in the form that every contender reads before the clock starts, so that nobody's parser is measured.
 * Little endian, columns whole:
 *
 *   header   events, rows, filled, from: uint32; peak live bytes: float64
 *   columns  row, bytes, argument: int32 each; op: uint8
 *
 * The values of a column are those of `Chunk`. `filled` events build the heap up; those before `from` warm caches,
 * branch predictors and compilers; the clock runs from event `from` on.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Chunk, Trace } from "../../src/traces/trace.ts";

export const HEADER_BYTES = 24;

export interface PackedTrace {
  readonly events: number;
  readonly rows: number;
  readonly filled: number;
  readonly from: number;
  readonly peakLiveBytes: number;
  readonly op: Uint8Array;
  readonly row: Int32Array;
  readonly bytes: Int32Array;
  readonly argument: Int32Array;
}

export function writePacked(file: string, trace: Trace, filled: number, from: number): void {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  [trace.events, trace.rows, filled, from].forEach((word, i) => {
    header.setUint32(4 * i, word, true);
  });
  header.setFloat64(16, trace.peakLiveBytes, true);
  const out = openSync(file, "w");
  writeSync(out, header);
  for (const column of ["row", "bytes", "argument", "op"] as const)
    for (const chunk of trace.chunks) writeSync(out, chunk[column]);
  closeSync(out);
}

export function readPacked(file: string): PackedTrace {
  const { buffer } = readFileSync(file);
  const header = new DataView(buffer);
  const [events, rows, filled, from] = [0, 4, 8, 12].map((at) => header.getUint32(at, true));
  const column = (index: number): Int32Array =>
    new Int32Array(buffer, HEADER_BYTES + 4 * events * index, events);
  return {
    events,
    rows,
    filled,
    from,
    peakLiveBytes: header.getFloat64(16, true),
    row: column(0),
    bytes: column(1),
    argument: column(2),
    op: new Uint8Array(buffer, HEADER_BYTES + 12 * events, events),
  };
}

/** Events [from, to) as a chunk. No policy looks at ids: rows stand in for them. */
export function chunkOf(trace: PackedTrace, from: number, to: number): Chunk {
  const row = trace.row.subarray(from, to);
  return {
    events: to - from,
    op: trace.op.subarray(from, to),
    row,
    id: row,
    bytes: trace.bytes.subarray(from, to),
    argument: trace.argument.subarray(from, to),
  };
}
