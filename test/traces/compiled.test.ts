import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readingModule } from "../../src/engine/kernel-module.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Compiled } from "../../src/traces/compiled.ts";
import { text } from "../../src/traces/text.ts";
import { writeText } from "../../src/traces/text-writer.ts";
import { type Chunk, slice, type Trace } from "../../src/traces/trace.ts";
import { Random } from "../../src/workloads/random.ts";
import { anyGraph, anyTrace, contents, encode, join, messageOf, SEED, sameColumns } from "./traces.ts";

const module = readingModule();

/** Text read by compiled code where it can, and how many of its events that read. */
function read(pieces: readonly Uint8Array[], chunk?: (chunk: Chunk) => void) {
  if (module === undefined) throw new Error("it is not built: npm run build:kernel");
  const compiled = Compiled.of(module)!;
  const builder = new TraceBuilder("x", { compiled, ...(chunk && { chunk, passing: true }) });
  let events = 0;
  const readLines = builder.readLines.bind(builder);
  builder.readLines = (...where) => {
    const before = builder.events;
    const end = readLines(...where);
    events += builder.events - before;
    return end;
  };
  try {
    return { ...through(builder, pieces), compiled: events };
  } finally {
    compiled.release();
  }
}

function through(builder: TraceBuilder, pieces: readonly Uint8Array[]): { trace: Trace } {
  const reader = text.read(builder, { file: "x", strict: false });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return { trace: builder.finish() };
}

/** The same by TypeScript alone. */
const readPlainly = (pieces: readonly Uint8Array[]) => through(new TraceBuilder("x"), pieces);

const cut = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );

/** Ids of a kind: the i-th of them. */
const KINDS: Readonly<Record<string, (i: number) => number>> = {
  dense: (i) => i,
  aligned: (i) => i * 16384,
  "from the top": (i) => 999_999_999 - i,
  long: (i) => 99_990_000 + i,
  "spread by a multiplier": (i) => Math.imul(i, 0x85ebca77) & 0x1fffffff,
};

/** 80,000 requests of all kinds; an id comes again where `again`, or else every object has a new one. */
function requests(idOf: (i: number) => number, again: boolean): Uint8Array {
  const random = new Random(7);
  const live: number[] = [];
  const lines: string[] = [];
  let births = 0;
  const kept = new Set<number>();
  while (lines.length < 80_000) {
    const what = random.below(100);
    if (live.length > 0 && (what < 45 || live.length > 9000)) {
      const at = random.below(8) === 0 ? random.below(live.length) : live.length - 1;
      const [id] = live.splice(at, 1);
      kept.delete(id);
      lines.push(`f ${id}`);
    } else if (live.length > 0 && what < 50) lines.push(`r ${live[live.length - 1]} ${random.below(5000)}`);
    else {
      const id = idOf(again ? random.below(20_000) : ++births);
      if (kept.has(id)) continue;
      kept.add(id);
      live.push(id);
      if (what < 70) lines.push(`c ${id} ${random.below(20)} ${random.below(300)}`);
      else if (what < 72) lines.push(`m ${id} 64 ${random.below(300)}`);
      else lines.push(`a ${id} ${what < 74 ? 10_000_000 + random.below(9) : random.below(100_000)}`);
    }
  }
  return encode(`${lines.join("\n")}\n`);
}

describe("compiled reading", () => {
  it.each(Object.keys(KINDS).flatMap((kind) => [false, true].map((again) => ({ kind, again }))))(
    "makes the same of 80000 requests with $kind ids, the same ones again: $again",
    ({ kind, again }) => {
      const bytes = requests(KINDS[kind], again);
      const plain = readPlainly([bytes]).trace;
      const kept = read(cut(bytes, 300_000));
      expect(sameColumns(kept.trace.chunks, plain.chunks)).toBe(true);
      const rest = (trace: Trace) => ({ ...trace, name: "", chunks: [], sites: [] });
      expect(rest(kept.trace)).toEqual(rest(plain));
      const passed: Chunk[] = [];
      const whole = (chunk: Chunk) => passed.push({ ...chunk, ...copied(slice(chunk, 0, chunk.events)) });
      expect(rest(read([bytes], whole).trace)).toEqual(rest(plain));
      expect(sameColumns(passed, plain.chunks)).toBe(true);
      if (kind === "dense" && !again) expect(kept.compiled / plain.events).toBeGreaterThan(0.9);
      expect(kept.compiled).toBeGreaterThan(0);
    },
  );

  it("makes the same of any trace, however it is written, and in any pieces", () => {
    const one = fc.oneof(anyTrace, anyGraph);
    fc.assert(
      fc.property(
        one,
        fc.infiniteStream(fc.nat(20)),
        fc.integer({ min: 7, max: 4000 }),
        (trace, odd, length) => {
          const lines = new TextDecoder().decode(join(writeText(trace))).split("\n");
          const strange = lines.map((line) => {
            const how = line.startsWith("#") ? 20 : odd.next().value;
            if (how === 0) return line.replaceAll(" ", "  ");
            if (how === 1) return `${line}\r`;
            if (how === 2) return line.replace(/^(\S+ )(\d)/, "$1000000$2");
            return how === 3 ? `\n# here\n${line}` : line;
          });
          const bytes = encode(strange.filter((line) => line !== "\r").join("\n"));
          expect(contents(read(cut(bytes, length)).trace)).toEqual(contents(readPlainly([bytes]).trace));
        },
      ),
      { seed: SEED, numRuns: 150 },
    );
  });

  it("says the same of what is wrong, wherever it lies", () => {
    const lines = Array.from({ length: 70_000 }, (_, i) => (i % 3 < 2 ? `a ${i} ${i}` : `f ${i - 1}`));
    for (const at of [0, 1, 33, 65_535, 69_999])
      for (const line of [
        ...[
          "f 1234567",
          "f 0x4",
          "f 1 ",
          "f 1 1",
          "f",
          "f 12345678901",
          "r 1234567 5",
          "r 0 2147483648",
          "r 0",
        ],
        ...[
          "c 123456 70000 70000",
          "c 123456 7",
          "c 123456 0 4294967296",
          "m 123456 24 1",
          "a 123456 2147483648",
        ],
        ...[
          "a 123456 12x",
          "a 123456 5 16777217",
          "a 2147483648 1",
          "a 0 7",
          "z 1 2",
          "a\t0 7",
          "a-1 5",
          "a 1 5\r6",
        ],
      ]) {
        const bytes = encode([...lines.slice(0, at), line, ...lines.slice(at)].join("\n"));
        const message = messageOf(() => readPlainly([bytes]));
        expect(messageOf(() => read([bytes]))).toBe(message);
        if (at === 33 && !["f 1 ", "a\t0 7"].includes(line)) expect(message).toContain("TraceError: x:34: ");
      }
  });
});

/** A chunk's own copy of columns whose memory is used again. */
const copied = ({ op, row, id, bytes, argument }: Chunk) => ({
  op: op.slice(),
  row: row.slice(),
  id: id.slice(),
  bytes: bytes.slice(),
  argument: argument.slice(),
});
