/** ROWS blocks of a `.heaptrace` (heaptrace-layout.ts), out of a chunk and into a builder. */
import type { TraceBuilder } from "./builder.ts";
import type { Batch } from "./chunk-writer.ts";
import type { RecordedReader } from "./heaptrace-recorded.ts";
import { layOut, numbersOf, type RowsBlock, writeStart } from "./rows-block.ts";
import { type Chunk, isBirth, LARGEST_ID, OP_NAMES, Op, RECORDED, TraceError } from "./trace.ts";
import type { VarintReader } from "./varints.ts";

/** No block is written that takes more for an event. */
const MOST_BYTES_AN_EVENT = 6;

export class RowsWriter {
  /** Of all chunks so far. */
  #largestId = -1;

  /** The columns of a chunk, and what comes before them; `undefined` if it cannot be written so. */
  write(chunk: Chunk): Uint8Array | undefined {
    const { events, op, row, id, bytes, argument } = chunk;
    const before = this.#largestId;
    const births = op.findIndex(isBirth);
    const firstId = births < 0 ? before + 1 : id[births];
    let nextId = firstId;
    let can = events > 0 && firstId > before && firstId <= LARGEST_ID;
    const sizes = new Int32Array(events);
    const most = [0, 0, 0];
    for (let i = 0; i < events; i++) {
      const what = op[i];
      if (isBirth(what)) {
        can &&= id[i] === nextId++;
        this.#largestId = Math.max(this.#largestId, id[i]);
      }
      can &&= what <= Op.free && (what !== Op.allocate || argument[i] === 0);
      sizes[i] = what === Op.callocate && argument[i] > 0 ? bytes[i] / argument[i] : bytes[i];
      most[0] = Math.max(most[0], row[i]);
      most[1] = Math.max(most[1], sizes[i]);
      most[2] = Math.max(most[2], argument[i]);
    }
    const block = layOut(events, firstId, most.map(widthOf));
    if (!can || block.end > MOST_BYTES_AN_EVENT * events + MOST_START) return undefined;
    const written = new Uint8Array(block.end);
    writeStart(written, block);
    const [ops, ...others] = block.columns;
    for (let i = 0; i < events; i++) written[ops.at + (i >> 1)] |= op[i] << (4 * (i & 1));
    for (const [c, column] of [row, sizes, argument].entries()) {
      const { at, width } = others[c];
      for (let i = 0; i < events; i++)
        for (let byte = 0; byte < width; byte++) written[at + i * width + byte] = column[i] >>> (8 * byte);
    }
    return written;
  }
}

/** Bytes that a block of few events may have more, since its columns start where they do. */
const MOST_START = 80;

/** Bytes that numbers up to `most` take. */
const widthOf = (most: number): number => Math.ceil((32 - Math.clz32(most)) / 8);

/** `body` is that of `block`, `phases` the column. `recorded` is not given without its columns. */
export function readRows(
  builder: TraceBuilder,
  block: RowsBlock,
  body: Uint8Array,
  phases: VarintReader,
  recorded?: RecordedReader,
): void {
  const { events } = block;
  const before = builder.events;
  const reader = new RowsReader(builder, block, body, recorded);
  let phaseAt = phases.left > 0 ? phases.number() : -1;
  try {
    reader.unpack();
    for (;;) {
      while (phaseAt === reader.at) {
        builder.phase(phases.text(), phases.text());
        phaseAt = phases.left > 0 ? reader.at + phases.number() : -1;
      }
      if (reader.at === events) break;
      reader.requests(phaseAt > reader.at ? Math.min(phaseAt, events) : events);
    }
  } catch (reason) {
    if (!(reason instanceof TraceError)) throw reason;
    throw new TraceError(`event ${builder.events - before} of ${events}: ${reason.message}`);
  }
}

class RowsReader {
  /** Events that have been read. */
  at = 0;
  private noted = 0;
  private nextId: number;
  private readonly builder: TraceBuilder;
  private readonly block: RowsBlock;
  private readonly body: Uint8Array;
  private readonly recorded: RecordedReader | undefined;
  /** Row, bytes and argument, where an event is read by itself. */
  private columns: Uint32Array[] | undefined;
  /** Where compiled code has unpacked them, and whether it reads them. */
  private batch: Batch | undefined;
  private compiled = false;

  constructor(
    builder: TraceBuilder,
    block: RowsBlock,
    body: Uint8Array,
    recorded: RecordedReader | undefined,
  ) {
    this.builder = builder;
    this.block = block;
    this.body = body;
    this.recorded = recorded;
    this.nextId = block.firstId;
  }

  unpack(): void {
    if (this.block.events > 0) this.batch = this.builder.unpackRows(this.block);
    this.compiled = this.batch !== undefined;
  }

  /** Reads events, at least one, at most up to `to`. */
  requests(to: number): void {
    const { builder, batch, recorded } = this;
    if (batch && this.compiled) {
      const { objects, events } = builder;
      let wrong: unknown;
      if (recorded && batch.recorded)
        try {
          for (; this.noted < to; this.noted++) {
            const place = batch.from + this.noted;
            recorded.note(batch.op[place], batch.recorded, place);
          }
        } catch (reason) {
          wrong = reason;
        }
      const end = recorded ? this.noted : to;
      builder.readRows(end - this.at, this.nextId);
      this.nextId += builder.objects - objects;
      this.at += builder.events - events;
      // What compiled code leaves is wrong, most likely.
      if (this.at < end) this.compiled = false;
      else if (wrong !== undefined) throw wrong;
      if (this.at === to) return;
    }
    this.event();
  }

  private event(): void {
    const { builder, block, body, at } = this;
    this.columns ??= block.columns.slice(1).map((column) => numbersOf(body, column, block.events));
    const op = (body[block.columns[0].at + (at >> 1)] >> (4 * (at & 1))) & 15;
    const row = this.columns[0][at];
    const bytes = this.columns[1][at];
    const argument = this.columns[2][at];
    if (op > Op.free) throw new TraceError(`operation ${op} is none of a block of rows`);
    if (at < this.noted) this.again(at);
    else this.recorded?.next(op);
    if (argument !== 0 && op !== Op.callocate && op !== Op.memalign)
      throw new TraceError(`column argument has ${argument} for ${OP_NAMES[op]}`);
    if (op === Op.free && bytes !== 0) throw new TraceError(`column bytes has ${bytes} for free`);
    if (isBirth(op)) {
      if (row !== builder.nextRow)
        throw new TraceError(`the object gets row ${builder.nextRow}, and the file says ${row}`);
      const id = this.nextId++;
      if (op === Op.allocate) builder.allocateAs(id, bytes);
      else if (op === Op.callocate) builder.callocateAs(id, argument, bytes);
      else builder.memalignAs(id, argument, bytes);
    } else {
      const id = builder.idOf(row);
      if (id < 0) throw new TraceError(`${OP_NAMES[op]} of row ${row}, in which no object lives`);
      if (op === Op.free) builder.free(id);
      else builder.reallocate(id, bytes);
    }
    this.at++;
  }

  /** What was noted of this event in the chunk's columns is noted once more by who writes it. */
  private again(at: number): void {
    const { recorded, from } = this.batch!;
    const [time, thread, address, site] = RECORDED.map((column) => recorded![column][from + at] ?? 0);
    Object.assign(this.builder.details, { time, thread, address, site });
  }
}
