/** Writes a trace as malloc-lab.ts reads it, calloc and memalign as malloc. Objects get ids in the order of their births. */
import { isBirth, Op, type Trace, TraceError } from "../trace.ts";
import { inPieces } from "./in-pieces.ts";

export const writeMallocLab = (trace: Trace): Iterable<Uint8Array> => inPieces(lines(trace));

function* lines({ chunks, peakLiveBytes, objects, events }: Trace): Generator<string> {
  yield `${peakLiveBytes}\n${objects}\n${events}\n1\n`;
  /** By row, of the live object. */
  const ids: number[] = [];
  let births = 0;
  let before = 0;
  for (const { events, op, row, bytes, argument } of chunks) {
    for (let i = 0; i < events; i++) {
      const what = op[i];
      if (what > Op.free || (what === Op.allocate && argument[i] > 0))
        throw new TraceError(`event ${before + i}: only requests can be written as malloc-lab`);
      if (isBirth(what)) ids[row[i]] = births++;
      const id = ids[row[i]];
      if (what === Op.free) yield `f ${id}\n`;
      else yield `${what === Op.reallocate ? "r" : "a"} ${id} ${bytes[i]}\n`;
    }
    before += events;
  }
}
