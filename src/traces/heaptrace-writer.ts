/** Writes `.heaptrace` (heaptrace-layout.ts), a chunk at a time. */
import { crc32 } from "./crc32.ts";
import {
  CHNK,
  COLUMNS,
  DONE,
  FIDELITIES,
  HEAD,
  HEAD_LENGTH,
  LONGEST_BODY,
  MAGIC,
  NEXT,
  VERSION,
} from "./heaptrace-layout.ts";
import { type Chunk, Op, type Phase, type Trace, TraceError } from "./trace.ts";
import { VarintWriter, zigzag } from "./varints.ts";

/** The file of a trace that is there as a whole. */
export function* writeHeaptrace(trace: Trace): Generator<Uint8Array> {
  const writer = new HeaptraceWriter();
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

const NO_EVENTS: Chunk = {
  events: 0,
  op: new Uint8Array(0),
  row: new Int32Array(0),
  id: new Int32Array(0),
  bytes: new Int32Array(0),
  argument: new Int32Array(0),
};

/** For a trace that is made while it is written: `chunk` is what BuilderOptions.chunk gets. */
export class HeaptraceWriter {
  readonly #columns = COLUMNS.map(() => new VarintWriter());
  readonly #body = new VarintWriter();
  #chunks = 0;
  #events = 0;

  start(): Uint8Array {
    const body = this.#body;
    body.clear();
    body.number(COLUMNS.length);
    for (const [number, name] of COLUMNS.entries()) {
      body.number(number);
      body.byte(1);
      body.text(name);
    }
    return block(HEAD, VERSION, body.bytes, MAGIC);
  }

  /** `phases` are those that begin in the chunk or right behind it. */
  chunk(chunk: Chunk, phases: readonly Phase[] = []): Uint8Array {
    for (const column of this.#columns) column.clear();
    this.#writeEvents(chunk);
    this.#writePhases(phases);
    this.#events += chunk.events;
    this.#chunks++;
    const body = this.#body;
    body.clear();
    for (const column of this.#columns) body.number(column.length);
    for (const column of this.#columns) body.raw(column.bytes);
    return block(CHNK, chunk.events, body.bytes);
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

  #writeEvents({ events, op, id, bytes, argument }: Chunk): void {
    const [ops, ids, sizes, args] = this.#columns;
    let lastId = 0;
    let lastBorn = 0;
    let low = 0;
    for (let i = 0; i < events; i++) {
      const what = op[i];
      const next = id[i] === lastBorn + 1;
      const code = next ? what | NEXT : what;
      if (i & 1) ops.byte(low | (code << 4));
      else low = code;
      if (!next) ids.number(zigzag(id[i] - lastId));
      lastId = id[i];
      if (what <= Op.memalign) lastBorn = lastId;
      if (what === Op.free) continue;
      if (what === Op.callocate) {
        sizes.number(argument[i] === 0 ? 0 : bytes[i] / argument[i]);
        args.number(argument[i]);
      } else {
        sizes.number(bytes[i]);
        if (what === Op.memalign) args.number(31 - Math.clz32(argument[i]));
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

function block(kind: number, argument: number, body: Uint8Array, before = new Uint8Array(0)): Uint8Array {
  if (body.length > LONGEST_BODY)
    throw new TraceError(`a block of ${body.length} bytes is more than the limit of ${LONGEST_BODY}`);
  const bytes = new Uint8Array(before.length + HEAD_LENGTH + body.length);
  bytes.set(before);
  const head = new DataView(bytes.buffer, before.length, HEAD_LENGTH);
  for (const [i, word] of [kind, argument, body.length, crc32(body)].entries())
    head.setUint32(4 * i, word, true);
  head.setUint32(16, crc32(bytes, before.length, before.length + 16), true);
  bytes.set(body, before.length + HEAD_LENGTH);
  return bytes;
}
