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
}

export class TraceBuilder {
  readonly name: string;
  /** Importers may lower it while they read. */
  fidelity: Fidelity;

  /** Where requests came from. */
  readonly sites = new Sites();
  /** The system's numbers of the threads that `details.thread` names. */
  readonly threads: number[] = [];

  readonly #events: ChunkWriter;
  readonly #anomalies = new Map<string, number>();
  readonly #liveRows = new LiveRows();

  // By row, 0 .. #rows - 1: bytes of the live object. Free rows form a stack, #freeRows[0 .. #free - 1].
  #rowBytes = new Int32Array(1024);
  #freeRows = new Int32Array(1024);
  /** By row: reference fields of the live object. Empty until the trace has a graph. */
  #rowFields = new Int32Array(0);
  #rows = 0;
  #free = 0;

  #objects = 0;
  #liveBytes = 0;
  #peakLiveBytes = 0;
  #firstId = 1;
  #largestId = 0;
  /** Every id so far was one more than the one before: then those in #firstId .. #largestId have been seen. */
  #consecutive = true;
  #graph = false;
  #reallocated = false;

  constructor(name: string, options: BuilderOptions = {}) {
    this.name = name;
    this.fidelity = options.fidelity ?? "exact";
    this.#events = new ChunkWriter(name, options.chunk);
  }

  /** Which columns of `Recorded` there are. Before the first event. */
  records(...columns: RecordedColumn[]): void {
    if (this.events > 0) throw new TraceError("what is recorded must be said before the first event");
    this.#events.recorded = columns;
  }

  /** What is known of the next event, and of those after it until it is changed. */
  get details(): Details {
    return this.#events.details;
  }

  /**
   * malloc of an object with so many reference fields, which are null at first; its id is one more than the largest
   * so far: 1, 2, 3 ...
   */
  allocate(bytes: number, fields = 0): number {
    return this.allocateAs(this.#largestId + 1, bytes, fields);
  }

  allocateAs(id: number, bytes: number, fields = 0): number {
    checkFields(fields);
    return this.#born(Op.allocate, id, bytes, fields);
  }

  callocate(count: number, size: number): number {
    return this.callocateAs(this.#largestId + 1, count, size);
  }

  callocateAs(id: number, count: number, size: number): number {
    checkCount(count, size);
    return this.#born(Op.callocate, id, count * size, count);
  }

  /** `align` is a power of two up to 2^30. */
  memalign(align: number, bytes: number): number {
    return this.memalignAs(this.#largestId + 1, align, bytes);
  }

  memalignAs(id: number, align: number, bytes: number): number {
    checkAlign(align);
    return this.#born(Op.memalign, id, bytes, align);
  }

  reallocate(id: number, bytes: number): void {
    checkBytes(bytes);
    const row = this.#liveRows.rowAt(this.#liveRows.find(id));
    if (row < 0) throw new TraceError(`realloc of ${this.#notLive(id)}`);
    if (this.#graph) throw new TraceError(`realloc of object ${id}: ${NO_REALLOC}`);
    this.#events.ready();
    this.#reallocated = true;
    this.#account(bytes - this.#rowBytes[row]);
    this.#rowBytes[row] = bytes;
    this.#events.write(Op.reallocate, row, id, bytes, 0);
  }

  free(id: number): void {
    const entry = this.#liveRows.find(id);
    const row = this.#liveRows.rowAt(entry);
    if (row < 0) throw new TraceError(`free of ${this.#notLive(id)}`);
    this.#events.ready();
    this.#liveRows.empty(entry);
    this.#freeRows[this.#free++] = row;
    this.#account(-this.#rowBytes[row]);
    this.#events.write(Op.free, row, id, 0, 0);
  }

  /** Field `field` of object `source` refers to object `target`, or to none. */
  store(source: number, field: number, target: number | null): void {
    const row = this.#rowOf("store into", source);
    const to = target === null ? -1 : this.#rowOf("store of", target);
    const fields = this.#graph ? this.#rowFields[row] : 0;
    if (!(isWhole(field) && field < fields))
      throw new TraceError(
        `store into field ${field} of object ${source}, which has ${fields} fields, from 0`,
      );
    this.#events.ready();
    this.#events.write(Op.store, row, source, to + 1, field);
  }

  /** The program holds on to the object, until `unroot`. */
  root(id: number): void {
    this.#flag(Op.root, "root", id);
  }

  unroot(id: number): void {
    this.#flag(Op.unroot, "unroot", id);
  }

  /** The object must stay where it is, and is held on to, until `unpin`. */
  pin(id: number): void {
    this.#flag(Op.pin, "pin", id);
  }

  unpin(id: number): void {
    this.#flag(Op.unpin, "unpin", id);
  }

  /** The program asks for a collection of what is young. */
  collectYoung(): void {
    this.#objectless(Op.collectYoung);
  }

  /** The program asks for a full collection. */
  collect(): void {
    this.#objectless(Op.collect);
  }

  /** Whoever prints what lives does so here. */
  print(): void {
    this.#objectless(Op.print);
  }

  /** The events from here on belong to it. A name is one word; name and detail together are one line. */
  phase(name: string, detail = ""): void {
    if (!/^\S+$/.test(name))
      throw new TraceError(`${JSON.stringify(name)} is no name of a phase: it must be one word`);
    if (/[\r\n]/.test(detail)) throw new TraceError(`the detail of phase ${name} has more than one line`);
    this.#events.phase(name, detail.trim());
  }

  anomaly(kind: string, count = 1): void {
    this.#anomalies.set(kind, (this.#anomalies.get(kind) ?? 0) + count);
  }

  live(id: number): boolean {
    return this.#liveRows.rowAt(this.#liveRows.find(id)) >= 0;
  }

  get events(): number {
    return this.#events.events;
  }

  // Those of `Trace` so far, and what lives now.

  get liveBytes(): number {
    return this.#liveBytes;
  }

  get liveObjects(): number {
    return this.#rows - this.#free;
  }

  get objects(): number {
    return this.#objects;
  }

  get rows(): number {
    return this.#rows;
  }

  get peakLiveBytes(): number {
    return this.#peakLiveBytes;
  }

  get hash(): string {
    return this.#events.hash;
  }

  /** The whole trace. No event may follow. */
  finish(): Trace {
    this.#events.finish();
    const anomalies: Anomaly[] = [...this.#anomalies].map(([kind, count]) => ({ kind, count }));
    return {
      name: this.name,
      events: this.events,
      objects: this.#objects,
      rows: this.#rows,
      peakLiveBytes: this.#peakLiveBytes,
      graph: this.#graph,
      chunks: this.#events.chunks,
      phases: this.#events.phases,
      recorded: this.#events.recorded,
      threads: this.threads,
      sites: this.sites,
      fidelity: this.fidelity,
      anomalies,
      hash: this.hash,
    };
  }

  #born(op: Op, id: number, bytes: number, argument: number): number {
    checkBytes(bytes);
    checkId(id);
    const liveRows = this.#liveRows;
    liveRows.reserve();
    const entry = liveRows.find(id);
    if (liveRows.rowAt(entry) >= 0) throw new TraceError(`object ${id} is allocated while it is live`);
    const fields = op === Op.allocate ? argument : 0;
    this.#events.ready();
    if (fields > 0) this.#graphEvent();
    if (this.#free === 0 && this.#rows === this.#rowBytes.length) this.#moreRows();

    const row = this.#free > 0 ? this.#freeRows[--this.#free] : this.#rows++;
    liveRows.fill(entry, id, row);
    this.#rowBytes[row] = bytes;
    if (this.#graph) this.#rowFields[row] = fields;
    if (this.#objects === 0) this.#firstId = id;
    else if (id !== this.#largestId + 1) this.#consecutive = false;
    if (id > this.#largestId) this.#largestId = id;
    this.#objects++;
    this.#account(bytes);
    this.#events.write(op, row, id, bytes, argument);
    return id;
  }

  #flag(op: Op, what: string, id: number): void {
    const row = this.#rowOf(`${what} of`, id);
    this.#events.ready();
    this.#graphEvent();
    this.#events.write(op, row, id, 0, 0);
  }

  #objectless(op: Op): void {
    this.#events.ready();
    this.#events.write(op, 0, 0, 0, 0);
  }

  #rowOf(what: string, id: number): number {
    const row = this.#liveRows.rowAt(this.#liveRows.find(id));
    if (row < 0) throw new TraceError(`${what} ${this.#notLive(id)}`);
    return row;
  }

  /** From here on the trace has a graph, of which the objects so far are nodes without fields. */
  #graphEvent(): void {
    if (this.#graph) return;
    if (this.#reallocated) throw new TraceError(`objects were reallocated before: ${NO_REALLOC}`);
    this.#graph = true;
    this.#rowFields = new Int32Array(this.#rowBytes.length);
  }

  #account(bytes: number): void {
    this.#liveBytes += bytes;
    if (this.#liveBytes > this.#peakLiveBytes) this.#peakLiveBytes = this.#liveBytes;
  }

  #moreRows(): void {
    const rowBytes = new Int32Array(this.#rows * 2);
    const freeRows = new Int32Array(this.#rows * 2);
    rowBytes.set(this.#rowBytes);
    freeRows.set(this.#freeRows);
    this.#rowBytes = rowBytes;
    this.#freeRows = freeRows;
    if (!this.#graph) return;
    const rowFields = new Int32Array(this.#rows * 2);
    rowFields.set(this.#rowFields);
    this.#rowFields = rowFields;
  }

  #notLive(id: number): string {
    if (!this.#consecutive) return `object ${id}, which is not live`;
    const seen = this.#objects > 0 && id >= this.#firstId && id <= this.#largestId;
    return `object ${id}, which is not live (${seen ? "it was freed before" : "it was never allocated"})`;
  }
}

const NO_REALLOC =
  "a trace with an object graph has no realloc; allocate a longer object, store it, and let go of the old one";
