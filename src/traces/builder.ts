/**
 * Writes a trace, event by event: every generator and every importer goes through here, so a trace that exists is
 * one that a program could have made. An event is all or nothing: one that throws leaves the builder as it was.
 */
import { type ChunkSink, ChunkWriter, type Details } from "./chunk-writer.ts";
import { checkAlign, checkBytes, checkCount, checkFields, checkId, isWhole } from "./limits.ts";
import { LiveRows } from "./live-rows.ts";
import { Sites } from "./sites.ts";
import type { Anomaly, Fidelity, RecordedColumn, Trace } from "./trace.ts";
import { Op, TraceError } from "./trace.ts";

export interface BuilderOptions {
  readonly fidelity?: Fidelity;
  /**
   * Takes every finished chunk, with the phases noted since the one before, instead of the trace: `finish` then
   * returns one without chunks, and memory is bounded by the objects that live at once. The last chunk comes with
   * `finish`; it holds no events when there were only phases.
   */
  readonly chunk?: ChunkSink;
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
  private readonly liveRows = new LiveRows();

  // By row, 0 .. rowCount - 1: bytes of the live object. Free rows form a stack, freeRows[0 .. freeCount - 1].
  private rowBytes = new Int32Array(1024);
  private freeRows = new Int32Array(1024);
  /** By row: reference fields of the live object. Empty until the trace has a graph. */
  private rowFields = new Int32Array(0);
  private rowCount = 0;
  private freeCount = 0;

  private births = 0;
  private bytesNow = 0;
  private peakBytes = 0;
  private firstId = 1;
  private largestId = 0;
  /** Every id so far was one more than the one before: then those in firstId .. largestId have been seen. */
  private consecutive = true;
  private isGraph = false;
  private reallocated = false;

  constructor(name: string, options: BuilderOptions = {}) {
    this.name = name;
    this.fidelity = options.fidelity ?? "exact";
    this.writer = new ChunkWriter(name, options.chunk, options.most);
  }

  /** Which columns of `Recorded` there are. Before the first event. */
  records(...columns: RecordedColumn[]): void {
    if (this.events > 0) throw new TraceError("what is recorded must be said before the first event");
    this.writer.recorded = columns;
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
    return this.allocateAs(this.largestId + 1, bytes, fields);
  }

  allocateAs(id: number, bytes: number, fields = 0): number {
    checkFields(fields);
    return this.born(Op.allocate, id, bytes, fields);
  }

  callocate(count: number, size: number): number {
    return this.callocateAs(this.largestId + 1, count, size);
  }

  callocateAs(id: number, count: number, size: number): number {
    checkCount(count, size);
    return this.born(Op.callocate, id, count * size, count);
  }

  /** `align` is a power of two up to 2^30. */
  memalign(align: number, bytes: number): number {
    return this.memalignAs(this.largestId + 1, align, bytes);
  }

  memalignAs(id: number, align: number, bytes: number): number {
    checkAlign(align);
    return this.born(Op.memalign, id, bytes, align);
  }

  reallocate(id: number, bytes: number): void {
    checkBytes(bytes);
    const row = this.liveRows.rowAt(this.liveRows.find(id));
    if (row < 0) throw new TraceError(`realloc of ${this.notLive(id)}`);
    if (this.isGraph) throw new TraceError(`realloc of object ${id}: ${NO_REALLOC}`);
    this.writer.ready();
    this.reallocated = true;
    this.account(bytes - this.rowBytes[row]);
    this.rowBytes[row] = bytes;
    this.writer.write(Op.reallocate, row, id, bytes, 0);
  }

  free(id: number): void {
    const entry = this.liveRows.find(id);
    const row = this.liveRows.rowAt(entry);
    if (row < 0) throw new TraceError(`free of ${this.notLive(id)}`);
    this.writer.ready();
    this.liveRows.empty(entry);
    this.freeRows[this.freeCount++] = row;
    this.account(-this.rowBytes[row]);
    this.writer.write(Op.free, row, id, 0, 0);
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
    return this.liveRows.rowAt(this.liveRows.find(id)) >= 0;
  }

  get events(): number {
    return this.writer.events;
  }

  // Those of `Trace` so far, and what lives now.

  get liveBytes(): number {
    return this.bytesNow;
  }

  get liveObjects(): number {
    return this.rowCount - this.freeCount;
  }

  get objects(): number {
    return this.births;
  }

  get rows(): number {
    return this.rowCount;
  }

  get peakLiveBytes(): number {
    return this.peakBytes;
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
      objects: this.births,
      rows: this.rowCount,
      peakLiveBytes: this.peakBytes,
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
    const liveRows = this.liveRows;
    liveRows.reserve();
    const entry = liveRows.find(id);
    if (liveRows.rowAt(entry) >= 0) throw new TraceError(`object ${id} is allocated while it is live`);
    const fields = op === Op.allocate ? argument : 0;
    this.writer.ready();
    if (fields > 0) this.graphEvent();
    if (this.freeCount === 0 && this.rowCount === this.rowBytes.length) this.moreRows();

    const row = this.freeCount > 0 ? this.freeRows[--this.freeCount] : this.rowCount++;
    liveRows.fill(entry, id, row);
    this.rowBytes[row] = bytes;
    if (this.isGraph) this.rowFields[row] = fields;
    if (this.births === 0) this.firstId = id;
    else if (id !== this.largestId + 1) this.consecutive = false;
    if (id > this.largestId) this.largestId = id;
    this.births++;
    this.account(bytes);
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
    const row = this.liveRows.rowAt(this.liveRows.find(id));
    if (row < 0) throw new TraceError(`${what} ${this.notLive(id)}`);
    return row;
  }

  /** From here on the trace has a graph, of which the objects so far are nodes without fields. */
  private graphEvent(): void {
    if (this.isGraph) return;
    if (this.reallocated) throw new TraceError(`objects were reallocated before: ${NO_REALLOC}`);
    this.isGraph = true;
    this.rowFields = new Int32Array(this.rowBytes.length);
  }

  private account(bytes: number): void {
    this.bytesNow += bytes;
    if (this.bytesNow > this.peakBytes) this.peakBytes = this.bytesNow;
  }

  private moreRows(): void {
    const rowBytes = new Int32Array(this.rowCount * 2);
    const freeRows = new Int32Array(this.rowCount * 2);
    rowBytes.set(this.rowBytes);
    freeRows.set(this.freeRows);
    this.rowBytes = rowBytes;
    this.freeRows = freeRows;
    if (!this.isGraph) return;
    const rowFields = new Int32Array(this.rowCount * 2);
    rowFields.set(this.rowFields);
    this.rowFields = rowFields;
  }

  private notLive(id: number): string {
    if (!this.consecutive) return `object ${id}, which is not live`;
    const seen = this.births > 0 && id >= this.firstId && id <= this.largestId;
    return `object ${id}, which is not live (${seen ? "it was freed before" : "it was never allocated"})`;
  }
}

const NO_REALLOC =
  "a trace with an object graph has no realloc; allocate a longer object, store it, and let go of the old one";
