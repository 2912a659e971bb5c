/** Writes `.heaptrace` (heaptrace-layout.ts), a chunk at a time. */
import { crc32 } from "./crc32.ts";
import {
  BASE_COLUMNS,
  CHNK,
  COLUMNS,
  checksumOf,
  DONE,
  ESCAPED,
  EVENT_COLUMNS,
  FIDELITIES,
  FIELDED,
  HEAD,
  HEAD_LENGTH,
  LONGEST_BODY,
  MAGIC,
  NEXT,
  ROWS,
  ROWS_COLUMNS,
  SITE,
  THRD,
  VERSION,
  VERSION_OF_CHUNKS,
} from "./heaptrace-layout.ts";
import { writeRecorded } from "./heaptrace-recorded.ts";
import { RowsWriter } from "./heaptrace-rows.ts";
import { IdsByRow } from "./ids-by-row.ts";
import {
  type CallSites,
  type Chunk,
  isBirth,
  isObjectless,
  Op,
  type Phase,
  RECORDED,
  type Trace,
  TraceError,
} from "./trace.ts";
import { VarintWriter, zigzag } from "./varints.ts";

/** The file of a trace that is there as a whole. */
export function* writeHeaptrace(trace: Trace): Generator<Uint8Array> {
  const graph = trace.graph || trace.chunks.some(({ op }) => op.some((what) => what > Op.free));
  const writer = new HeaptraceWriter({ ...trace, graph });
  yield writer.start();
  let before = 0;
  let phase = 0;
  const chunks = trace.chunks.length === 0 && trace.phases.length > 0 ? [NO_EVENTS] : trace.chunks;
  for (const chunk of chunks) {
    before += chunk.events;
    const first = phase;
    while (phase < trace.phases.length && trace.phases[phase].event <= before) phase++;
    yield writer.chunk(chunk, trace.phases.slice(first, phase));
  }
  yield writer.end(trace);
}

const SITES_A_BLOCK = 65536;
const NO_EVENTS: Chunk = {
  events: 0,
  op: new Uint8Array(0),
  row: new Int32Array(0),
  id: new Int32Array(0),
  bytes: new Int32Array(0),
  argument: new Int32Array(0),
};

/** What must be known of a trace before its events are. */
export interface HeaptraceSettings {
  /** There may be more than malloc, calloc, memalign, realloc and free. */
  readonly graph?: boolean;
  readonly recorded?: Trace["recorded"];
  /** They may grow while the trace is written. */
  readonly threads?: readonly number[];
  readonly sites?: CallSites;
}

/** For a trace that is made while it is written: `chunk` is what BuilderOptions.chunk gets. */
export class HeaptraceWriter {
  readonly #columns = COLUMNS.map(() => new VarintWriter());
  readonly #body = new VarintWriter();
  readonly #settings: HeaptraceSettings;
  /** Numbers of the columns that the file has. */
  readonly #directory: readonly number[];
  readonly #ids = new IdsByRow();
  readonly #rows = new RowsWriter();
  #chunks = 0;
  #events = 0;
  // What has been written of them.
  #threads = 0;
  #frames = 0;
  #sites = 0;

  constructor(settings: HeaptraceSettings = {}) {
    this.#settings = settings;
    const own = settings.graph ? EVENT_COLUMNS : BASE_COLUMNS;
    const recorded = RECORDED.flatMap((column, i) =>
      settings.recorded?.includes(column) ? EVENT_COLUMNS + i : [],
    );
    this.#directory = [...Array(own).keys(), ...recorded];
  }

  start(): Uint8Array {
    const body = this.#body;
    body.clear();
    body.number(this.#directory.length);
    for (const number of this.#directory) {
      body.number(number);
      body.byte(number < EVENT_COLUMNS ? 1 : 0);
      body.text(COLUMNS[number]);
    }
    return block(HEAD, this.#settings.graph ? VERSION_OF_CHUNKS : VERSION, body.bytes, MAGIC);
  }

  /** `phases` are those that begin in the chunk or right behind it. */
  chunk(chunk: Chunk, phases: readonly Phase[] = []): Uint8Array {
    const graph = this.#settings.graph ?? false;
    if (!graph && chunk.op.some((op, i) => codeOf(op, chunk.argument[i]) > Op.free))
      throw new TraceError("references are to be written into a file that was begun without their columns");
    const news = this.#news();
    for (const column of this.#columns) column.clear();
    const rows = graph ? undefined : this.#rows.write(chunk);
    if (!rows) this.#writeEvents(chunk, graph);
    this.#writePhases(phases);
    writeRecorded(chunk, this.#columns.slice(EVENT_COLUMNS));
    this.#events += chunk.events;
    this.#chunks++;
    const body = this.#body;
    const written = rows ? this.#directory.filter((number) => number >= ROWS_COLUMNS) : this.#directory;
    const columns = written.map((number) => this.#columns[number]);
    body.clear();
    if (rows) body.raw(rows);
    for (const column of columns) body.number(column.length);
    for (const column of columns) body.raw(column.bytes);
    return block(rows ? ROWS : CHNK, chunk.events, body.bytes, news);
  }

  /** Threads and call sites that were not there before the last chunk. */
  #news(): Uint8Array<ArrayBuffer> {
    const { threads = [], sites } = this.#settings;
    const body = this.#body;
    let news = new Uint8Array(0);
    if (threads.length > this.#threads) {
      body.clear();
      for (; this.#threads < threads.length; this.#threads++) body.number(threads[this.#threads]);
      news = block(THRD, 0, body.bytes);
    }
    while (sites && sites.count > this.#sites) {
      const last = Math.min(sites.count, this.#sites + SITES_A_BLOCK);
      let frames = this.#frames;
      for (let site = this.#sites + 1; site <= last; site++) frames = Math.max(frames, sites.frame(site) + 1);
      body.clear();
      body.number(frames - this.#frames);
      for (; this.#frames < frames; this.#frames++) body.text(sites.frames[this.#frames]);
      body.number(last - this.#sites);
      for (; this.#sites < last; ) {
        const site = ++this.#sites;
        body.number(sites.parent(site));
        body.number(sites.frame(site));
      }
      news = block(SITE, 0, body.bytes, news);
    }
    return news;
  }

  end(trace: Trace): Uint8Array {
    const body = this.#body;
    body.clear();
    for (const total of [trace.events, trace.objects, trace.rows, trace.peakLiveBytes]) body.number(total);
    for (let i = 0; i < 16; i += 2) body.byte(Number.parseInt(trace.hash.slice(i, i + 2), 16));
    body.number(FIDELITIES.indexOf(trace.fidelity));
    body.number(trace.anomalies.length);
    for (const { kind, count } of trace.anomalies) {
      body.number(count);
      body.text(kind);
    }
    return block(DONE, this.#chunks, body.bytes);
  }

  #writeEvents({ events, op, row, id, bytes, argument }: Chunk, graph: boolean): void {
    const [ops, ids, sizes, args, , targets, operations] = this.#columns;
    let lastId = 0;
    let lastBorn = 0;
    let low = 0;
    for (let i = 0; i < events; i++) {
      const what = op[i];
      const next = id[i] === lastBorn + 1 && !isObjectless(what);
      const code = codeOf(what, argument[i]) | (next ? NEXT : 0);
      if (i & 1) ops.byte(low | (code << 4));
      else low = code;
      if (graph) {
        if (what > Op.store) operations.number(what);
        if (isObjectless(what)) continue;
        if (isBirth(what)) this.#ids.set(row[i], id[i]);
      }
      if (!next) ids.number(zigzag(id[i] - lastId));
      lastId = id[i];
      if (isBirth(what)) lastBorn = lastId;
      if (what === Op.allocate || what === Op.reallocate) {
        sizes.number(bytes[i]);
        if (argument[i] !== 0) args.number(argument[i]);
      } else if (what === Op.callocate) {
        sizes.number(argument[i] === 0 ? 0 : bytes[i] / argument[i]);
        args.number(argument[i]);
      } else if (what === Op.memalign) {
        sizes.number(bytes[i]);
        args.number(31 - Math.clz32(argument[i]));
      } else if (what === Op.store) {
        args.number(argument[i]);
        targets.number(bytes[i] === 0 ? 0 : 1 + zigzag(this.#ids.of(bytes[i] - 1) - lastBorn));
      }
    }
    if (events & 1) ops.byte(low);
  }

  #writePhases(phases: readonly Phase[]): void {
    const column = this.#columns[4];
    let before = this.#events;
    for (const { event, name, detail } of phases) {
      column.number(event - before);
      column.text(name);
      column.text(detail);
      before = event;
    }
  }
}

/** The operation as the column op has it, in 3 bits. */
function codeOf(op: number, argument: number): number {
  if (op > Op.store) return ESCAPED;
  return op === Op.allocate && argument !== 0 ? FIELDED : op;
}

function block(
  kind: number,
  argument: number,
  body: Uint8Array,
  before = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  if (body.length > LONGEST_BODY)
    throw new TraceError(`a block of ${body.length} bytes is more than the limit of ${LONGEST_BODY}`);
  const bytes = new Uint8Array(before.length + HEAD_LENGTH + body.length);
  bytes.set(before);
  const head = new DataView(bytes.buffer, before.length, HEAD_LENGTH);
  for (const [i, word] of [kind, argument, body.length, checksumOf(kind, body)].entries())
    head.setUint32(4 * i, word, true);
  head.setUint32(16, crc32(bytes, before.length, before.length + 16), true);
  bytes.set(body, before.length + HEAD_LENGTH);
  return bytes;
}
