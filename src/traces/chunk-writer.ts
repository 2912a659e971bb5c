/** Events into chunks of columns, with the phases between them and the hash over them. Nothing is checked here. */
import { Hash } from "./hash.ts";
import { CHUNK_EVENTS, type Chunk, type Op, type Phase, TraceError } from "./trace.ts";

/** See BuilderOptions. */
export type ChunkSink = (chunk: Chunk, phases: readonly Phase[]) => void;

export class ChunkWriter {
  readonly chunks: Chunk[] = [];
  readonly phases: Phase[] = [];
  readonly #name: string;
  readonly #sink: ChunkSink | undefined;
  readonly #hash = new Hash();

  // The chunk that is being written; #at is its events so far. Full from the start: the first event opens one.
  #op = new Uint8Array(0);
  #row = new Int32Array(0);
  #id = new Int32Array(0);
  #bytes = new Int32Array(0);
  #argument = new Int32Array(0);
  #at = CHUNK_EVENTS;
  #eventsBefore = 0;
  #phasesBefore = 0;
  #finished = false;

  /** `name` is the trace's, for messages. Without `sink` the chunks are kept. */
  constructor(name: string, sink: ChunkSink | undefined) {
    this.#name = name;
    this.#sink = sink;
  }

  /** Events so far. */
  get events(): number {
    return this.#eventsBefore + (this.#id.length === 0 ? 0 : this.#at);
  }

  /** 16 hex digits over the events so far, as in `Trace.hash`. */
  get hash(): string {
    return this.#hash.digest();
  }

  /** Makes room for one event more, or throws: before anything is changed that belongs to it. */
  ready(): void {
    if (this.#at === CHUNK_EVENTS) this.#open();
  }

  /** After `ready`. */
  write(op: Op, row: number, id: number, bytes: number, argument: number): void {
    const at = this.#at++;
    this.#op[at] = op;
    this.#row[at] = row;
    this.#id[at] = id;
    this.#bytes[at] = bytes;
    this.#argument[at] = argument;
    this.#hash.three(op, row, bytes);
    this.#hash.word(argument);
  }

  phase(name: string, detail: string): void {
    this.mustGoOn();
    this.phases.push({ event: this.events, name, detail });
  }

  finish(): void {
    this.mustGoOn();
    const events = this.events;
    this.#close(events - this.#eventsBefore);
    this.#finished = true;
    this.#eventsBefore = events;
    this.#id = new Int32Array(0);
    this.#at = CHUNK_EVENTS;
  }

  mustGoOn(): void {
    if (this.#finished) throw new TraceError(`the trace ${this.#name} is finished`);
  }

  #open(): void {
    this.mustGoOn();
    const op = new Uint8Array(CHUNK_EVENTS);
    const row = new Int32Array(CHUNK_EVENTS);
    const id = new Int32Array(CHUNK_EVENTS);
    const bytes = new Int32Array(CHUNK_EVENTS);
    const argument = new Int32Array(CHUNK_EVENTS);
    if (this.#id.length > 0) {
      this.#close(CHUNK_EVENTS);
      this.#eventsBefore += CHUNK_EVENTS;
    }
    this.#op = op;
    this.#row = row;
    this.#id = id;
    this.#bytes = bytes;
    this.#argument = argument;
    this.#at = 0;
  }

  #close(events: number): void {
    const trim = <Column extends Uint8Array | Int32Array>(column: Column): Column =>
      (events === CHUNK_EVENTS ? column : column.slice(0, events)) as Column;
    const chunk: Chunk = {
      events,
      op: trim(this.#op),
      row: trim(this.#row),
      id: trim(this.#id),
      bytes: trim(this.#bytes),
      argument: trim(this.#argument),
    };
    if (this.#sink) {
      const phases = this.phases.slice(this.#phasesBefore);
      if (events > 0 || phases.length > 0) this.#sink(chunk, phases);
      this.#phasesBefore = this.phases.length;
    } else if (events > 0) this.chunks.push(chunk);
  }
}
