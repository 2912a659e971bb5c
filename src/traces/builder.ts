/**
 * Writes a trace, event by event: every generator and every importer goes through here, so a trace that exists is
 * one that a program could have made. An event is all or nothing: one that throws leaves the builder as it was.
 */
import { type Batch, type ChunkSink, ChunkWriter, type Details } from "./chunk-writer.ts";
import type { Compiled } from "./compiled.ts";
import { checkAlign, checkBytes, checkCount, checkFields, checkId, isWhole } from "./limits.ts";
import { LiveObjects } from "./live-objects.ts";
import type { RowsBlock } from "./rows-block.ts";
import { Sites } from "./sites.ts";
import type { Anomaly, Fidelity, RecordedColumn, Trace } from "./trace.ts";
import { CHUNK_EVENTS, isBirth, Op, TraceError } from "./trace.ts";

export interface BuilderOptions {
  readonly fidelity?: Fidelity;
  /**
   * Takes every finished chunk, with the phases noted since the one before, instead of the trace: `finish` then
   * returns one without chunks, and memory is bounded by the objects that live at once. The last chunk comes with
   * `finish`; it holds no events when there were only phases.
   */
  readonly chunk?: ChunkSink;
  /** `chunk` keeps nothing of a chunk when it returns: its memory is used again for the next one. */
  readonly passing?: boolean | undefined;
  /** Memory and code of compiled reading, for `readLines`. */
  readonly compiled?: Compiled | undefined;
  /** Most events that are kept without `chunk`; more are an error. Default 2^26. */
  readonly most?: number;
}

export class TraceBuilder {
  readonly name: string;
  /** Importers may lower it while they read. */
  fidelity: Fidelity;

  /** Where requests came from. */
  readonly sites = new Sites();
  /** The system's numbers of the threads that `details.thread` names. */
  readonly threads: number[] = [];

  private readonly writer: ChunkWriter;
  private readonly oddities = new Map<string, number>();
  readonly compiled: Compiled | undefined;
  private readonly alive: LiveObjects;
  /** By row: reference fields of the live object. Empty until the trace has a graph. */
  private rowFields = new Int32Array(0);
  private isGraph = false;

  constructor(name: string, options: BuilderOptions = {}) {
    this.name = name;
    this.fidelity = options.fidelity ?? "exact";
    this.compiled = options.compiled;
    this.writer = new ChunkWriter(name, options, options.compiled?.chunk);
    this.alive = new LiveObjects(options.compiled?.tables);
  }

  /** Which columns of `Recorded` there are. Before the first event. */
  records(...columns: RecordedColumn[]): void {
    if (this.events > 0) throw new TraceError("what is recorded must be said before the first event");
    this.writer.recorded = columns;
  }

  /** The trace's hash is not computed, but this one, which may be said once more when it is known. Before the first event. */
  knowsHash(hash: string): void {
    this.writer.knows(hash);
  }

  /** What is known of the next event, and of those after it until it is changed. */
  get details(): Details {
    return this.writer.details;
  }

  /**
   * malloc of an object with so many reference fields, which are null at first; its id is one more than the largest
   * so far: 1, 2, 3 ...
   */
  allocate(bytes: number, fields = 0): number {
    return this.allocateAs(this.alive.largestId + 1, bytes, fields);
  }

  allocateAs(id: number, bytes: number, fields = 0): number {
    checkFields(fields);
    return this.born(Op.allocate, id, bytes, fields);
  }

  callocate(count: number, size: number): number {
    return this.callocateAs(this.alive.largestId + 1, count, size);
  }

  callocateAs(id: number, count: number, size: number): number {
    checkCount(count, size);
    return this.born(Op.callocate, id, count * size, count);
  }

  /** `align` is a power of two up to 2^30. */
  memalign(align: number, bytes: number): number {
    return this.memalignAs(this.alive.largestId + 1, align, bytes);
  }

  memalignAs(id: number, align: number, bytes: number): number {
    checkAlign(align);
    return this.born(Op.memalign, id, bytes, align);
  }

  reallocate(id: number, bytes: number): void {
    checkBytes(bytes);
    const row = this.rowOf("realloc of", id);
    if (this.isGraph) throw new TraceError(`realloc of object ${id}: ${NO_REALLOC}`);
    this.writer.ready();
    this.alive.resized(row, bytes);
    this.writer.write(Op.reallocate, row, id, bytes, 0);
  }

  free(id: number): void {
    const row = this.rowOf("free of", id);
    this.writer.ready();
    this.alive.died(id, row);
    this.writer.write(Op.free, row, id, 0, 0);
  }

  /**
   * Room for many events at once. Who fills it has checked the numbers, and writes malloc without fields, calloc, memalign,
   * realloc and free: op, id, bytes and argument as in `Chunk`. They become events with `accept`.
   */
  batch(): Batch {
    return this.writer.batch();
  }

  /**
   * The first `count` events of the batch. Throws what the first impossible one among them would throw by itself; those before
   * it have been accepted then.
   */
  accept(batch: Batch, count: number): void {
    const { from, op, row, id } = batch;
    const to = from + count;
    const end = this.isGraph ? this.beforeRealloc(batch, to) : to;
    const taken = this.alive.take(batch, from, end);
    this.writer.accept(taken);
    if (this.isGraph) {
      if (this.alive.rows > this.rowFields.length) this.moreFields();
      for (let i = from; i < taken; i++) if (op[i] === Op.allocate) this.rowFields[row[i]] = 0;
    }
    if (taken === to) return;
    if (isBirth(op[taken])) throw new TraceError(alreadyLive(id[taken]));
    if (op[taken] === Op.free) this.free(id[taken]);
    else this.reallocate(id[taken], 0);
  }

  /**
   * Lines of plain text in bytes[from .. to - 1], which ends with LF, as far as compiled code reads them: to the first that it
   * is not sure of, or to the end of a chunk. `events` tells how many they were. Returns where the next one starts.
   */
  readLines(bytes: Uint8Array, from: number, to: number): number {
    if (!this.compiled || this.isGraph) return from;
    return this.compiled.readLines(bytes, from, to, this.writer, this.alive);
  }

  /**
   * Begins with a block of rows, which `compiled` has summed last: what of it was recorded goes from `from` on of the batch.
   * `undefined` where compiled code does not read it.
   */
  unpackRows(block: RowsBlock): Batch | undefined {
    const { births, largestId } = this.alive;
    if (!this.compiled || this.isGraph || (births > 0 && block.firstId <= largestId)) return undefined;
    const batch = this.writer.batch();
    if (batch.op !== this.compiled.chunk.op || batch.from + block.events > CHUNK_EVENTS) return undefined;
    this.compiled.unpack(block, batch.from);
    return batch;
  }

  /** The next `events` of the rows unpacked, up to the first that it is not sure of, as `compiled.readRows`. */
  readRows(events: number, firstId: number): void {
    this.compiled?.readRows(events, firstId, this.writer, this.alive);
  }

  /** The row that the next object gets. */
  get nextRow(): number {
    return this.alive.nextRow;
  }

  /** The id of the object that lives in a row; -1 if none does. */
  idOf(row: number): number {
    return this.alive.idOf(row);
  }

  /** Field `field` of object `source` refers to object `target`, or to none. */
  store(source: number, field: number, target: number | null): void {
    const row = this.rowOf("store into", source);
    const to = target === null ? -1 : this.rowOf("store of", target);
    const fields = this.isGraph ? this.rowFields[row] : 0;
    if (!(isWhole(field) && field < fields))
      throw new TraceError(
        `store into field ${field} of object ${source}, which has ${fields} fields, from 0`,
      );
    this.writer.ready();
    this.writer.write(Op.store, row, source, to + 1, field);
  }

  /** The program holds on to the object, until `unroot`. */
  root(id: number): void {
    this.flag(Op.root, "root", id);
  }

  unroot(id: number): void {
    this.flag(Op.unroot, "unroot", id);
  }

  /** The object must stay where it is, and is held on to, until `unpin`. */
  pin(id: number): void {
    this.flag(Op.pin, "pin", id);
  }

  unpin(id: number): void {
    this.flag(Op.unpin, "unpin", id);
  }

  /** The program asks for a collection of what is young. */
  collectYoung(): void {
    this.objectless(Op.collectYoung);
  }

  /** The program asks for a full collection. */
  collect(): void {
    this.objectless(Op.collect);
  }

  /** Whoever prints what lives does so here. */
  print(): void {
    this.objectless(Op.print);
  }

  /** The events from here on belong to it. A name is one word; name and detail together are one line. */
  phase(name: string, detail = ""): void {
    if (!/^\S+$/.test(name))
      throw new TraceError(`${JSON.stringify(name)} is no name of a phase: it must be one word`);
    if (/[\r\n]/.test(detail)) throw new TraceError(`the detail of phase ${name} has more than one line`);
    this.writer.phase(name, detail.trim());
  }

  anomaly(kind: string, count = 1): void {
    this.oddities.set(kind, (this.oddities.get(kind) ?? 0) + count);
  }

  live(id: number): boolean {
    return this.alive.row(id) >= 0;
  }

  get events(): number {
    return this.writer.events;
  }

  // Those of `Trace` so far, and what lives now.

  get liveBytes(): number {
    return this.alive.bytes;
  }

  get liveObjects(): number {
    return this.alive.count;
  }

  get objects(): number {
    return this.alive.births;
  }

  get rows(): number {
    return this.alive.rows;
  }

  get peakLiveBytes(): number {
    return this.alive.peakBytes;
  }

  get hash(): string {
    return this.writer.hash;
  }

  /** The whole trace. No event may follow. */
  finish(): Trace {
    this.writer.finish();
    const anomalies: Anomaly[] = [...this.oddities].map(([kind, count]) => ({ kind, count }));
    return {
      name: this.name,
      events: this.events,
      objects: this.objects,
      rows: this.rows,
      peakLiveBytes: this.peakLiveBytes,
      graph: this.isGraph,
      chunks: this.writer.chunks,
      phases: this.writer.phases,
      recorded: this.writer.recorded,
      threads: this.threads,
      sites: this.sites,
      fidelity: this.fidelity,
      anomalies,
      hash: this.hash,
    };
  }

  private born(op: Op, id: number, bytes: number, argument: number): number {
    checkBytes(bytes);
    checkId(id);
    if (this.live(id)) throw new TraceError(alreadyLive(id));
    const fields = op === Op.allocate ? argument : 0;
    this.writer.ready();
    if (fields > 0) this.graphEvent();
    this.alive.reserve(1);
    const row = this.alive.born(id, bytes);
    if (this.isGraph) {
      if (row === this.rowFields.length) this.moreFields();
      this.rowFields[row] = fields;
    }
    this.writer.write(op, row, id, bytes, argument);
    return id;
  }

  private flag(op: Op, what: string, id: number): void {
    const row = this.rowOf(`${what} of`, id);
    this.writer.ready();
    this.graphEvent();
    this.writer.write(op, row, id, 0, 0);
  }

  private objectless(op: Op): void {
    this.writer.ready();
    this.writer.write(op, 0, 0, 0, 0);
  }

  private rowOf(what: string, id: number): number {
    const row = this.alive.row(id);
    if (row < 0) throw new TraceError(`${what} ${this.notLive(id)}`);
    return row;
  }

  /** From here on the trace has a graph, of which the objects so far are nodes without fields. */
  private graphEvent(): void {
    if (this.isGraph) return;
    if (this.alive.reallocated) throw new TraceError(`objects were reallocated before: ${NO_REALLOC}`);
    this.isGraph = true;
    this.rowFields = new Int32Array(Math.max(this.alive.rows, 1024));
  }

  private moreFields(): void {
    const rowFields = new Int32Array(2 * this.alive.rows);
    rowFields.set(this.rowFields);
    this.rowFields = rowFields;
  }

  /** The first realloc before `to`, or that. */
  private beforeRealloc({ op, from }: Batch, to: number): number {
    const at = op.subarray(from, to).indexOf(Op.reallocate);
    return at < 0 ? to : from + at;
  }

  private notLive(id: number): string {
    const { consecutive, births, firstId, largestId } = this.alive;
    if (!consecutive) return `object ${id}, which is not live`;
    const seen = births > 0 && id >= firstId && id <= largestId;
    return `object ${id}, which is not live (${seen ? "it was freed before" : "it was never allocated"})`;
  }
}

const alreadyLive = (id: number): string => `object ${id} is allocated while it is live`;
const NO_REALLOC =
  "a trace with an object graph has no realloc; allocate a longer object, store it, and let go of the old one";
