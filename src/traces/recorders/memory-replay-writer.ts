/**
 * Writes a trace as memory-replay.ts reads it. Where addresses were not recorded they are made up from rows, which no two
 * live objects share; a realloc then stays where it is.
 */
import { isBirth, Op, type Trace, TraceError } from "../trace.ts";
import { inPieces } from "./in-pieces.ts";

export const writeMemoryReplay = (trace: Trace): Iterable<Uint8Array> => inPieces(lines(trace));

/** Above what processes have, so that none of them is one that was recorded. */
const MADE_UP = 2 ** 51;

function* lines({ chunks, threads }: Trace): Generator<string> {
  /** By row, of the live object. */
  const addresses: number[] = [];
  let before = 0;
  for (const { events, op, row, bytes, argument, recorded } of chunks) {
    for (let i = 0; i < events; i++) {
      const what = op[i];
      if (what > Op.free || (what === Op.allocate && argument[i] > 0))
        throw new TraceError(`event ${before + i}: only requests can be written as memory-replay`);
      const old = addresses[row[i]];
      const told = recorded?.address[i] || (isBirth(what) ? MADE_UP + (row[i] + 1) * 16 : old);
      if (what !== Op.free) addresses[row[i]] = told;
      const thread = threads[recorded?.thread[i] ?? 0] ?? 1;
      const call = callOf(what, hex(told), hex(old), bytes[i], argument[i]);
      const time = recorded?.time[i];
      yield `${thread}: ${call}${time === undefined ? "" : ` ${time} ${time}`}\n`;
    }
    before += events;
  }
}

const hex = (address = 0): string => `0x${address.toString(16)}`;

function callOf(op: number, pointer: string, old: string, bytes: number, argument: number): string {
  switch (op) {
    case Op.allocate:
      return `malloc ${pointer} ${bytes}`;
    case Op.callocate:
      return `calloc ${pointer} ${argument} ${argument === 0 ? 0 : bytes / argument}`;
    case Op.memalign:
      return `memalign ${pointer} ${argument} ${bytes}`;
    case Op.reallocate:
      return `realloc ${pointer} ${old} ${bytes}`;
    default:
      return `free ${old}`;
  }
}
