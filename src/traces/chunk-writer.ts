/** Events into chunks of columns, with the phases between them and the hash over them. Nothing is checked here. */
import { Hash } from "./hash.ts";
import {
  CHUNK_EVENTS,
  type Chunk,
  type Op,
  type Phase,
  type Recorded,
  type RecordedColumn,
  TraceError,
} from "./trace.ts";

/** See BuilderOptions. */
export type ChunkSink = (chunk: Chunk, phases: readonly Phase[]) => void;

/** What is known of the event that is written next, in the terms of `Recorded`. */
export interface Details {
  time: number;
  thread: number;
  address: number;
  site: number;
}

/** The places from .. to - 1 of the chunk that is being written, for events that are written column by column. */
export interface Batch {
  readonly from: number;
  readonly to: number;
  readonly op: Uint8Array;
  readonly row: Int32Array;
  readonly id: Int32Array;
  readonly bytes: Int32Array;
  readonly argument: Int32Array;
  readonly recorded: Recorded | undefined;
}

/** The columns of a chunk and the state of the hash, where compiled reading has them (compiled.ts). */
export interface SharedChunk {
  readonly op: Uint8Array<ArrayBuffer>;
  readonly row: Int32Array<ArrayBuffer>;
  readonly id: Int32Array<ArrayBuffer>;
  readonly bytes: Int32Array<ArrayBuffer>;
  readonly argument: Int32Array<ArrayBuffer>;
  readonly hash: Int32Array<ArrayBuffer>;
}

/** Events of a batch: so many lie in the processor's nearer caches while they pass through the stages of reading. */
const BATCH_EVENTS = 4096;

/** Most events of a trace that is kept: 2^26, of 17 bytes each, or 41 with all that can be recorded. */
const MOST_KEPT = 2 ** 26;

export class ChunkWriter {
  /** Stays as it is after an event. */
  readonly details: Details = { time: 0, thread: 0, address: 0, site: 0 };
  readonly chunks: Chunk[] = [];
  readonly phases: Phase[] = [];
  private readonly name: string;
  private readonly sink: ChunkSink | undefined;
  private readonly passing: boolean;
  /** Events that are kept without one, rounded up to whole chunks. */
  private readonly most: number;
  private readonly shared: SharedChunk | undefined;
  /** Over the events; none where it is known from elsewhere. */
  private lanes: Hash | undefined;
  private known = "";
  /** Events of the chunk at hand that are in it. */
  private hashed = 0;

  // The chunk that is being written; `at` is its events so far. Full from the start: the first event opens one.
  private op = new Uint8Array(0);
  private row = new Int32Array(0);
  private id = new Int32Array(0);
  private bytes = new Int32Array(0);
  private argument = new Int32Array(0);
  private noted: Recorded | undefined;
  private at = CHUNK_EVENTS;
  private eventsBefore = 0;
  private phasesBefore = 0;
  private finished = false;

  /** Columns of `Recorded` that the chunks have. */
  recorded: readonly RecordedColumn[] = [];

  /** `name` is the trace's, for messages; the others are as in BuilderOptions. */
  constructor(
    name: string,
    {
      chunk,
      passing = false,
      most = MOST_KEPT,
    }: { chunk?: ChunkSink | undefined; passing?: boolean | undefined; most?: number | undefined },
    shared?: SharedChunk,
  ) {
    this.name = name;
    this.sink = chunk;
    this.passing = passing && chunk !== undefined;
    this.most = most;
    this.shared = shared;
    this.lanes = new Hash(shared?.hash);
  }

  /** Events so far. */
  get events(): number {
    return this.eventsBefore + (this.id.length === 0 ? 0 : this.at);
  }

  /** 16 hex digits over the events so far, as in `Trace.hash`. */
  get hash(): string {
    if (this.id.length > 0) this.hashUpTo(this.at);
    return this.lanes?.digest() ?? this.known;
  }

  /** It is not computed, but `hash`. */
  knows(hash: string): void {
    this.lanes = undefined;
    this.known = hash;
  }

  /** Makes room for one event more, or throws: before anything is changed that belongs to it. */
  ready(): void {
    if (this.at === CHUNK_EVENTS) this.open();
  }

  /** After `ready`. */
  write(op: Op, row: number, id: number, bytes: number, argument: number): void {
    const at = this.at++;
    this.op[at] = op;
    this.row[at] = row;
    this.id[at] = id;
    this.bytes[at] = bytes;
    this.argument[at] = argument;
    if (this.noted !== undefined) this.note(this.noted, at);
  }

  /** Good until the next event. */
  batch(): Batch {
    this.ready();
    const { at: from, op, row, id, bytes, argument, noted: recorded } = this;
    return { from, to: Math.min(CHUNK_EVENTS, from + BATCH_EVENTS), op, row, id, bytes, argument, recorded };
  }

  /** The events of the batch before `to` are written. */
  accept(to: number): void {
    this.at = to;
  }

  /** Events of the chunk at hand, all of them hashed: who adds some to the shared chunk may hash them too, and says so. */
  get written(): number {
    if (this.id.length > 0) this.hashUpTo(this.at);
    return this.at;
  }

  added(events: number, hashed: boolean): void {
    this.at += events;
    if (!hashed) return;
    this.hashed = this.at;
    if (this.shared) this.shared.hash[2] += 4 * events;
  }

  phase(name: string, detail: string): void {
    this.mustGoOn();
    this.phases.push({ event: this.events, name, detail });
  }

  finish(): void {
    this.mustGoOn();
    const events = this.events;
    this.close(events - this.eventsBefore);
    this.finished = true;
    this.eventsBefore = events;
    this.id = new Int32Array(0);
    this.at = CHUNK_EVENTS;
  }

  mustGoOn(): void {
    if (this.finished) throw new TraceError(`the trace ${this.name} is finished`);
  }

  /** Writing beyond the end of an empty column does nothing. */
  private note({ time, thread, address, site }: Recorded, at: number): void {
    const details = this.details;
    time[at] = details.time;
    thread[at] = details.thread;
    address[at] = details.address;
    site[at] = details.site;
  }

  private open(): void {
    this.mustGoOn();
    if (!this.sink && this.events >= this.most)
      throw new TraceError(
        `the trace has more events than are kept in memory, ${this.most}; run and validate read it as they go`,
      );
    if ((this.passing || this.shared) && this.id.length > 0) {
      this.next();
      return;
    }
    const room = (column: RecordedColumn) => (this.recorded.includes(column) ? CHUNK_EVENTS : 0);
    const recorded = this.recorded.length > 0 && {
      time: new Float64Array(room("time")),
      thread: new Int32Array(room("thread")),
      address: new Float64Array(room("address")),
      site: new Int32Array(room("site")),
    };
    const { op, row, id, bytes, argument } = this.shared ?? {
      op: new Uint8Array(CHUNK_EVENTS),
      row: new Int32Array(CHUNK_EVENTS),
      id: new Int32Array(CHUNK_EVENTS),
      bytes: new Int32Array(CHUNK_EVENTS),
      argument: new Int32Array(CHUNK_EVENTS),
    };
    if (this.id.length > 0) this.next();
    this.op = op;
    this.row = row;
    this.id = id;
    this.bytes = bytes;
    this.argument = argument;
    this.noted = recorded || undefined;
    this.at = 0;
  }

  /** The chunk is full; another begins in its place. */
  private next(): void {
    this.close(CHUNK_EVENTS);
    this.eventsBefore += CHUNK_EVENTS;
    this.hashed = 0;
    this.at = 0;
  }

  private hashUpTo(to: number): void {
    const { op, row, bytes, argument } = this;
    this.lanes?.events(op, row, bytes, argument, this.hashed, to);
    this.hashed = to;
  }

  private close(events: number): void {
    this.hashUpTo(events);
    const own = events === CHUNK_EVENTS && (this.passing || !this.shared);
    const trim = <Column extends Uint8Array | Int32Array | Float64Array>(column: Column): Column =>
      (own ? column : column.slice(0, events)) as Column;
    const recorded = this.noted;
    const chunk: Chunk = {
      events,
      op: trim(this.op),
      row: trim(this.row),
      id: trim(this.id),
      bytes: trim(this.bytes),
      argument: trim(this.argument),
      ...(recorded && {
        recorded: {
          time: trim(recorded.time),
          thread: trim(recorded.thread),
          address: trim(recorded.address),
          site: trim(recorded.site),
        },
      }),
    };
    if (this.sink) {
      const phases = this.phases.slice(this.phasesBefore);
      if (events > 0 || phases.length > 0) this.sink(chunk, phases);
      this.phasesBefore = this.phases.length;
    } else if (events > 0) this.chunks.push(chunk);
  }
}
