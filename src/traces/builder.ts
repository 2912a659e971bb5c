/**
 * Writes a trace, event by event: every generator and every importer goes through here, so a trace that exists is
 * one that a program could have made. An event is all or nothing: one that throws leaves the builder as it was.
 */
import { Hash } from "./hash.ts";
import { LiveRows } from "./live-rows.ts";
import type { Anomaly, Chunk, Fidelity, Phase, Trace } from "./trace.ts";
import { CHUNK_EVENTS, LARGEST_ID, MOST_BYTES, Op, TraceError } from "./trace.ts";

export interface BuilderOptions {
  readonly fidelity?: Fidelity;
  /**
   * Takes every finished chunk, with the phases noted since the one before, instead of the trace: `finish` then
   * returns one without chunks, and memory is bounded by the objects that live at once. The last chunk comes with
   * `finish`; it holds no events when there were only phases.
   */
  readonly chunk?: (chunk: Chunk, phases: readonly Phase[]) => void;
}

export class TraceBuilder {
  readonly name: string;
  /** Importers may lower it while they read. */
  fidelity: Fidelity;

  readonly #sink: BuilderOptions["chunk"];
  readonly #chunks: Chunk[] = [];
  readonly #phases: Phase[] = [];
  readonly #anomalies = new Map<string, number>();
  readonly #hash = new Hash();
  readonly #liveRows = new LiveRows();

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

  // By row, 0 .. #rows - 1: bytes of the live object. Free rows form a stack, #freeRows[0 .. #free - 1].
  #rowBytes = new Int32Array(1024);
  #freeRows = new Int32Array(1024);
  #rows = 0;
  #free = 0;

  #objects = 0;
  #liveBytes = 0;
  #peakLiveBytes = 0;
  #firstId = 1;
  #largestId = 0;
  /** Every id so far was one more than the one before: then those in #firstId .. #largestId have been seen. */
  #consecutive = true;

  constructor(name: string, options: BuilderOptions = {}) {
    this.name = name;
    this.fidelity = options.fidelity ?? "exact";
    this.#sink = options.chunk;
  }

  /** malloc; the new object's id is one more than the largest so far: 1, 2, 3 ... */
  allocate(bytes: number): number {
    return this.allocateAs(this.#largestId + 1, bytes);
  }

  allocateAs(id: number, bytes: number): number {
    return this.#born(Op.allocate, id, bytes, 0);
  }

  callocate(count: number, size: number): number {
    return this.callocateAs(this.#largestId + 1, count, size);
  }

  callocateAs(id: number, count: number, size: number): number {
    if (!isWhole(count)) throw new TraceError(`a count of ${count} is no whole number`);
    if (count > MOST_BYTES)
      throw new TraceError(`a count of ${count} is more than the limit of ${MOST_BYTES}`);
    checkBytes(size);
    if (count * size > MOST_BYTES)
      throw new TraceError(`${count} * ${size} bytes are more than the limit of ${MOST_BYTES}`);
    return this.#born(Op.callocate, id, count * size, count);
  }

  /** `align` is a power of two up to 2^30. */
  memalign(align: number, bytes: number): number {
    return this.memalignAs(this.#largestId + 1, align, bytes);
  }

  memalignAs(id: number, align: number, bytes: number): number {
    if (!(align >= 1 && align <= 2 ** 30 && (align & (align - 1)) === 0 && Number.isInteger(align)))
      throw new TraceError(`alignment ${align} is not a power of two up to ${2 ** 30}`);
    return this.#born(Op.memalign, id, bytes, align);
  }

  reallocate(id: number, bytes: number): void {
    checkBytes(bytes);
    const row = this.#liveRows.rowAt(this.#liveRows.find(id));
    if (row < 0) throw new TraceError(`realloc of ${this.#notLive(id)}`);
    if (this.#at === CHUNK_EVENTS) this.#openChunk();
    this.#account(bytes - this.#rowBytes[row]);
    this.#rowBytes[row] = bytes;
    this.#write(Op.reallocate, row, id, bytes, 0);
  }

  free(id: number): void {
    const entry = this.#liveRows.find(id);
    const row = this.#liveRows.rowAt(entry);
    if (row < 0) throw new TraceError(`free of ${this.#notLive(id)}`);
    if (this.#at === CHUNK_EVENTS) this.#openChunk();
    this.#liveRows.empty(entry);
    this.#freeRows[this.#free++] = row;
    this.#account(-this.#rowBytes[row]);
    this.#write(Op.free, row, id, 0, 0);
  }

  /** The events from here on belong to it. A name is one word; name and detail together are one line. */
  phase(name: string, detail = ""): void {
    if (!/^\S+$/.test(name))
      throw new TraceError(`${JSON.stringify(name)} is no name of a phase: it must be one word`);
    if (/[\r\n]/.test(detail)) throw new TraceError(`the detail of phase ${name} has more than one line`);
    if (this.#finished) throw new TraceError(`the trace ${this.name} is finished`);
    this.#phases.push({ event: this.events, name, detail: detail.trim() });
  }

  anomaly(kind: string, count = 1): void {
    this.#anomalies.set(kind, (this.#anomalies.get(kind) ?? 0) + count);
  }

  live(id: number): boolean {
    return this.#liveRows.rowAt(this.#liveRows.find(id)) >= 0;
  }

  get events(): number {
    return this.#eventsBefore + (this.#id.length === 0 ? 0 : this.#at);
  }

  /** Bytes asked for by the objects that are live now. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Objects that are live now. */
  get liveObjects(): number {
    return this.#rows - this.#free;
  }

  /** Allocations so far. */
  get objects(): number {
    return this.#objects;
  }

  /** Most objects live at once so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Most bytes live at once so far. */
  get peakLiveBytes(): number {
    return this.#peakLiveBytes;
  }

  /** 16 hex digits over the events so far, as in `Trace.hash`. */
  get hash(): string {
    return this.#hash.digest();
  }

  /** The whole trace. No event may follow. */
  finish(): Trace {
    if (this.#finished) throw new TraceError(`the trace ${this.name} is finished`);
    const events = this.events;
    this.#closeChunk(events - this.#eventsBefore);
    this.#finished = true;
    this.#eventsBefore = events;
    this.#id = new Int32Array(0);
    this.#at = CHUNK_EVENTS;
    const anomalies: Anomaly[] = [...this.#anomalies].map(([kind, count]) => ({ kind, count }));
    return {
      name: this.name,
      events,
      objects: this.#objects,
      rows: this.#rows,
      peakLiveBytes: this.#peakLiveBytes,
      chunks: this.#chunks,
      phases: this.#phases,
      fidelity: this.fidelity,
      anomalies,
      hash: this.#hash.digest(),
    };
  }

  #born(op: Op, id: number, bytes: number, argument: number): number {
    checkBytes(bytes);
    if (!isWhole(id)) throw new TraceError(`object ${id}: an id is a whole number`);
    if (id > LARGEST_ID) throw new TraceError(`object ${id} is beyond the largest id, ${LARGEST_ID}`);
    const liveRows = this.#liveRows;
    liveRows.reserve();
    const entry = liveRows.find(id);
    if (liveRows.rowAt(entry) >= 0) throw new TraceError(`object ${id} is allocated while it is live`);
    if (this.#at === CHUNK_EVENTS) this.#openChunk();
    if (this.#free === 0 && this.#rows === this.#rowBytes.length) this.#moreRows();

    const row = this.#free > 0 ? this.#freeRows[--this.#free] : this.#rows++;
    liveRows.fill(entry, id, row);
    this.#rowBytes[row] = bytes;
    if (this.#objects === 0) this.#firstId = id;
    else if (id !== this.#largestId + 1) this.#consecutive = false;
    if (id > this.#largestId) this.#largestId = id;
    this.#objects++;
    this.#account(bytes);
    this.#write(op, row, id, bytes, argument);
    return id;
  }

  #write(op: Op, row: number, id: number, bytes: number, argument: number): void {
    const at = this.#at++;
    this.#op[at] = op;
    this.#row[at] = row;
    this.#id[at] = id;
    this.#bytes[at] = bytes;
    this.#argument[at] = argument;
    const hash = this.#hash;
    hash.word(op);
    hash.word(row);
    hash.word(bytes);
    hash.word(argument);
  }

  #account(bytes: number): void {
    this.#liveBytes += bytes;
    if (this.#liveBytes > this.#peakLiveBytes) this.#peakLiveBytes = this.#liveBytes;
  }

  #openChunk(): void {
    if (this.#finished) throw new TraceError(`the trace ${this.name} is finished`);
    const op = new Uint8Array(CHUNK_EVENTS);
    const row = new Int32Array(CHUNK_EVENTS);
    const id = new Int32Array(CHUNK_EVENTS);
    const bytes = new Int32Array(CHUNK_EVENTS);
    const argument = new Int32Array(CHUNK_EVENTS);
    if (this.#id.length > 0) {
      this.#closeChunk(CHUNK_EVENTS);
      this.#eventsBefore += CHUNK_EVENTS;
    }
    this.#op = op;
    this.#row = row;
    this.#id = id;
    this.#bytes = bytes;
    this.#argument = argument;
    this.#at = 0;
  }

  #closeChunk(events: number): void {
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
      const phases = this.#phases.slice(this.#phasesBefore);
      if (events > 0 || phases.length > 0) this.#sink(chunk, phases);
      this.#phasesBefore = this.#phases.length;
    } else if (events > 0) this.#chunks.push(chunk);
  }

  #moreRows(): void {
    const rowBytes = new Int32Array(this.#rows * 2);
    const freeRows = new Int32Array(this.#rows * 2);
    rowBytes.set(this.#rowBytes);
    freeRows.set(this.#freeRows);
    this.#rowBytes = rowBytes;
    this.#freeRows = freeRows;
  }

  #notLive(id: number): string {
    if (!this.#consecutive) return `object ${id}, which is not live`;
    const seen = this.#objects > 0 && id >= this.#firstId && id <= this.#largestId;
    return `object ${id}, which is not live (${seen ? "it was freed before" : "it was never allocated"})`;
  }
}

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 0;

function checkBytes(bytes: number): void {
  if (!isWhole(bytes)) throw new TraceError(`${bytes} bytes are no whole number of bytes`);
  if (bytes > MOST_BYTES) throw new TraceError(`${bytes} bytes are more than the limit of ${MOST_BYTES}`);
}
