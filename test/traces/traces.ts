/** What the tests of traces share: traces of every shape for fast-check, and comparison by all that a file keeps. */
import fc from "fast-check";
import { TraceBuilder } from "../../src/traces/builder.ts";
import type { TraceFormat } from "../../src/traces/importer.ts";
import {
  type Chunk,
  LARGEST_ID,
  MOST_BYTES,
  Op,
  type RecordedColumn,
  type Trace,
} from "../../src/traces/trace.ts";

/** Runs are the same on every machine. */
export const SEED = 20261122;

const bytes = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 16383, 16384, MOST_BYTES),
  fc.nat(MOST_BYTES),
);
const step = fc.record({
  op: fc.nat(5),
  id: fc.oneof(
    { weight: 6, arbitrary: fc.nat(40) },
    { weight: 1, arbitrary: fc.constantFrom(LARGEST_ID, LARGEST_ID - 1) },
    { weight: 1, arbitrary: fc.nat(LARGEST_ID) },
  ),
  next: fc.boolean(),
  bytes,
  count: fc.constantFrom(0, 1, 2, 3, 100),
  align: fc.nat(30),
  word: fc.stringMatching(/^[!-~äß€😀]{1,8}$/u),
  detail: fc.string({ maxLength: 12 }).map((text) => text.trim()),
});

/** Any trace: dense, sparse and recycled ids, every operation, phases anywhere. */
export const anyTrace: fc.Arbitrary<Trace> = fc
  .record({
    steps: fc.array(step, { maxLength: 120 }),
    fidelity: fc.constantFrom("exact", "partial", "ambiguous", "derived"),
    anomalies: fc.array(fc.record({ kind: fc.constantFrom("lost events", "NULL", "ä"), count: fc.nat(1e9) })),
  })
  .map(({ steps, fidelity, anomalies }) => {
    const builder = new TraceBuilder("any", { fidelity });
    for (const { kind, count } of anomalies) builder.anomaly(kind, count);
    let last = 0;
    for (const { op, id: any, next, bytes, count, align, word, detail } of steps) {
      const id = next && last < LARGEST_ID ? last + 1 : any;
      if (op === 5) builder.phase(word, detail);
      else if (builder.live(id)) op === 3 ? builder.reallocate(id, bytes) : builder.free(id);
      else if (op === 1) builder.callocateAs(id, count, Math.floor(bytes / Math.max(1, count)));
      else if (op === 2) builder.memalignAs(id, 2 ** align, bytes);
      else builder.allocateAs(id, bytes);
      last = id;
    }
    return builder.finish();
  });

const graphStep = fc.record({
  op: fc.constantFrom(...Object.values(Op).filter((op) => op !== Op.reallocate)),
  id: fc.nat(12),
  other: fc.option(fc.nat(12)),
  bytes: fc.nat(400),
  number: fc.nat(200),
});

/** Any trace with references, roots, pins and collections; with sparse ids and with dense ones. */
export const anyGraph: fc.Arbitrary<Trace> = fc
  .record({ steps: fc.array(graphStep, { maxLength: 150 }), scale: fc.constantFrom(1, 3, LARGEST_ID / 12) })
  .map(({ steps, scale }) => {
    const builder = new TraceBuilder("any graph");
    const fields = new Map<number, number>();
    for (const { op, id: small, other, bytes, number } of steps) {
      const id = Math.floor(small * scale);
      const target = other === null ? null : Math.floor(other * scale);
      if (op === Op.collectYoung) builder.collectYoung();
      else if (op === Op.collect) builder.collect();
      else if (op === Op.print) builder.print();
      else if (!builder.live(id)) {
        fields.set(id, op === Op.memalign || op === Op.callocate ? 0 : number);
        if (op === Op.memalign) builder.memalignAs(id, 64, bytes);
        else if (op === Op.callocate) builder.callocateAs(id, 3, bytes);
        else builder.allocateAs(id, bytes, number);
      } else if (op === Op.free) builder.free(id);
      else if (op === Op.root) builder.root(id);
      else if (op === Op.unroot) builder.unroot(id);
      else if (op === Op.pin) builder.pin(id);
      else if (op === Op.unpin) builder.unpin(id);
      else if (fields.get(id)! > 0 && (target === null || builder.live(target)))
        builder.store(id, bytes % fields.get(id)!, target);
    }
    return builder.finish();
  });

const COLUMNS = ["op", "row", "id", "bytes", "argument"] as const;
const noted = (chunk: Chunk, column: RecordedColumn) => [...(chunk.recorded?.[column] ?? [])];

/** Everything but the name, with the columns of all chunks put together. */
export function contents(trace: Trace) {
  const { name: _, chunks, ...rest } = trace;
  const column = (of: (typeof COLUMNS)[number]) => chunks.flatMap((chunk) => [...chunk[of]]);
  return {
    ...rest,
    op: column("op"),
    row: column("row"),
    id: column("id"),
    bytes: column("bytes"),
    argument: column("argument"),
    ...Object.fromEntries(
      trace.recorded.map((name) => [name, chunks.flatMap((chunk) => noted(chunk, name))]),
    ),
  };
}

/** Whether chunks hold the same; for long traces, where comparing their contents takes seconds. */
export function sameColumns(some: readonly Chunk[], others: readonly Chunk[]): boolean {
  const same = (a: Uint8Array | Int32Array, b: Uint8Array | Int32Array) =>
    a.length === b.length && a.every((value, i) => value === b[i]);
  return (
    some.length === others.length &&
    some.every((chunk, i) => COLUMNS.every((column) => same(chunk[column], others[i][column])))
  );
}

/** A file with these pieces read by `format`, told by nobody. */
export function read(format: TraceFormat, pieces: Iterable<Uint8Array>, file = "x", thorough = false): Trace {
  const builder = new TraceBuilder(file);
  const reader = format.read(builder, { file, strict: false, thorough });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return builder.finish();
}

export function join(pieces: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...pieces];
  const joined = new Uint8Array(all.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

export const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** What `act` throws, for messages that are compared whole. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (reason) {
    return `${(reason as Error).name}: ${(reason as Error).message}`;
  }
  return "nothing was thrown";
}
