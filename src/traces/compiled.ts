/**
 * Reading by compiled code (assembly/), on the very columns and tables of who writes the trace: a memory that both share, of
 * which only what is used takes room. What the code is not sure of it leaves untouched, and TypeScript does it: so events,
 * hash and errors are the same with and without it, which the tests hold it to.
 */
import type { ChunkWriter, SharedChunk } from "./chunk-writer.ts";
import * as layout from "./compiled-layout.ts";
import type { LiveObjects, Tables } from "./live-objects.ts";
import type { RowsBlock } from "./rows-block.ts";
import { CHUNK_EVENTS } from "./trace.ts";
import { summed } from "./word-sum.ts";

const WASM_PAGE = 2 ** 16;
/** No line that it reads is longer, and none in which an object is born is shorter. */
const LONGEST_LINE = 64;
const SHORTEST_BIRTH = 6;
const LEAST_INPUT = 1 << 12;
/** So many lie in the processor's nearer caches while they are read. */
const MOST_INPUT = 1 << 18;

interface Exports {
  unpackOps(from: number, first: number, events: number): void;
  widen(from: number, width: number, to: number, events: number): void;
  readRows(first: number, end: number): number;
  sumWords(from: number, to: number, lanes: number): void;
  readLines(from: number, to: number, first: number, end: number): number;
}

/** Memory that was used and is free again: to get it anew from the system takes as long as reading 100,000 events. */
const idle = new WeakMap<WebAssembly.Module, Compiled>();

export class Compiled {
  readonly chunk: SharedChunk;
  readonly tables: Tables;
  private readonly exports: Exports;
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  private readonly driven: Int32Array;
  private readonly input: Uint8Array;
  private readonly lanes: Int32Array;
  /** So many bytes are handed over at a time: more when they are all read, fewer where lines are left. */
  private piece = LEAST_INPUT;

  /** To be given back with `release`. `undefined` where so much room is not to be had. */
  static of(module: WebAssembly.Module): Compiled | undefined {
    const used = idle.get(module);
    idle.delete(module);
    try {
      return used ?? new Compiled(module);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  private readonly module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.module = module;
    const pages = layout.SIZE / WASM_PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const abort = (): never => {
      throw new Error("compiled reading stopped");
    };
    this.exports = new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as Exports;
    const { buffer } = memory;
    const words = (at: number, length: number) => new Int32Array(buffer, at, length);
    this.words = words(0, layout.ROOM / 4 + 1);
    this.numbers = new Float64Array(buffer, 0, layout.PEAK_BYTES / 8 + 1);
    this.driven = words(layout.DRIVEN, 2 * CHUNK_EVENTS);
    this.input = new Uint8Array(buffer, layout.INPUT, layout.INPUT_BYTES + layout.INPUT_PAD);
    this.lanes = words(layout.LANES, 16);
    this.chunk = {
      op: new Uint8Array(buffer, layout.OP_COLUMN, CHUNK_EVENTS),
      row: words(layout.ROW_COLUMN, CHUNK_EVENTS),
      id: words(layout.ID_COLUMN, CHUNK_EVENTS),
      bytes: words(layout.BYTES_COLUMN, CHUNK_EVENTS),
      argument: words(layout.ARGUMENT_COLUMN, CHUNK_EVENTS),
      hash: words(layout.HASH, 3),
    };
    this.tables = {
      order: words(layout.ORDER, layout.MOST_ROWS),
      objects: words(layout.OBJECTS, 2 * layout.MOST_ROWS),
      window: words(layout.WINDOW, 32 * layout.MOST_ROWS),
    };
  }

  /** The trace is finished, and nobody looks at its tables or shared columns any more. */
  release(): void {
    idle.set(this.module, this);
  }

  /** As `TraceBuilder.readLines`. The writer and the objects are those that were given `chunk` and `tables`. */
  readLines(bytes: Uint8Array, from: number, to: number, writer: ChunkWriter, alive: LiveObjects): number {
    let at = from;
    while (at < to) {
      const first = writer.written;
      // What the first birth is to be compared with, TypeScript knows.
      if (first === CHUNK_EVENTS || alive.births === 0) return at;
      const end = Math.min(to, at + this.piece);
      alive.reserve(Math.min(CHUNK_EVENTS - first, Math.ceil((end - at) / SHORTEST_BIRTH)));
      if (!alive.shared) return at;
      this.input.set(bytes.subarray(at, end));
      this.input.fill(0, end - at, end - at + layout.INPUT_PAD);
      this.lend(alive);
      const { INPUT } = layout;
      const stop = this.exports.readLines(INPUT, INPUT + end - at, first, CHUNK_EVENTS);
      this.takeBack(alive);
      writer.added(this.words[layout.DONE / 4], true);
      at += stop - INPUT;
      const all = end - at < LONGEST_LINE;
      this.piece = all ? Math.min(2 * this.piece, MOST_INPUT) : LEAST_INPUT;
      if (end === to || !all) return at;
    }
    return at;
  }

  /** `wordSum` of bytes, which are at hand for `unpack` then; `undefined` if they are too many. */
  sum(bytes: Uint8Array): number | undefined {
    const { length } = bytes;
    if (length > layout.INPUT_BYTES) return undefined;
    const padded = (length + 63) & -64;
    this.input.set(bytes);
    this.input.fill(0, length, padded);
    this.exports.sumWords(layout.INPUT, layout.INPUT + padded, layout.LANES);
    return summed(this.lanes, length);
  }

  /** Rows of the block that was summed last become events from `first` on of the shared chunk, all but their ids. */
  unpack({ events, columns: [op, ...others] }: RowsBlock, first: number): void {
    const { INPUT, ROW_COLUMN, BYTES_COLUMN, ARGUMENT_COLUMN } = layout;
    this.exports.unpackOps(INPUT + op.at, first, events);
    for (const [i, column] of [ROW_COLUMN, BYTES_COLUMN, ARGUMENT_COLUMN].entries())
      this.exports.widen(INPUT + others[i].at, others[i].width, column + 4 * first, events);
  }

  /**
   * The next `events` of those unpacked, whose first object has the id `firstId`, as far as they can be. Returns how many. They
   * must fit the chunk at hand.
   */
  readRows(events: number, firstId: number, writer: ChunkWriter, alive: LiveObjects): number {
    const first = writer.written;
    alive.makeRoom(events);
    if (!alive.shared) return 0;
    this.lend(alive);
    const { words } = this;
    words[layout.LARGEST_ID / 4] = firstId - 1;
    words[layout.ROOM / 4] = alive.room;
    const done = this.exports.readRows(first, first + events);
    const { births, firstId: veryFirst, largestId } = alive;
    this.takeBack(alive);
    if (alive.births === births) alive.largestId = largestId;
    else {
      if (births > 0 && firstId !== largestId + 1) alive.consecutive = false;
      alive.firstId = births === 0 ? firstId : veryFirst;
    }
    alive.changedByRow();
    writer.added(done, false);
    return done;
  }

  private lend(alive: LiveObjects): void {
    const { words, numbers } = this;
    words[layout.COUNT / 4] = alive.count;
    words[layout.ROWS / 4] = alive.rows;
    words[layout.BIRTHS / 4] = alive.births;
    words[layout.LARGEST_ID / 4] = alive.largestId;
    words[layout.CONSECUTIVE / 4] = Number(alive.consecutive);
    words[layout.REALLOCATED / 4] = Number(alive.reallocated);
    words[layout.DRIVEN_OUT / 4] = 0;
    words[layout.OLDER / 4] = alive.older.size;
    words[layout.MASK / 4] = alive.windowLength - 1;
    numbers[layout.BYTES_NOW / 8] = alive.bytes;
    numbers[layout.PEAK_BYTES / 8] = alive.peakBytes;
  }

  private takeBack(alive: LiveObjects): void {
    const { words, numbers, driven } = this;
    alive.count = words[layout.COUNT / 4];
    alive.rows = words[layout.ROWS / 4];
    alive.births = words[layout.BIRTHS / 4];
    alive.largestId = words[layout.LARGEST_ID / 4];
    alive.consecutive = words[layout.CONSECUTIVE / 4] !== 0;
    alive.reallocated = words[layout.REALLOCATED / 4] !== 0;
    alive.bytes = numbers[layout.BYTES_NOW / 8];
    alive.peakBytes = numbers[layout.PEAK_BYTES / 8];
    const count = words[layout.DRIVEN_OUT / 4];
    for (let i = 0; i < count; i++) alive.driveOut(driven[2 * i], driven[2 * i + 1]);
  }
}
