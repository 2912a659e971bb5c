import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { crc32 } from "../../src/traces/crc32.ts";
import { heaptrace } from "../../src/traces/heaptrace.ts";
import { HeaptraceWriter, writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import { CHUNK_EVENTS, LARGEST_ID, type Trace } from "../../src/traces/trace.ts";
import { VarintReader, VarintWriter } from "../../src/traces/varints.ts";
import { anyGraph, anyTrace, contents, encode, join, messageOf, read, SEED, sameColumns } from "./traces.ts";

const HEAD_BYTES = 20;
const MAGIC_BYTES = 8;

function sample(): Trace {
  const builder = new TraceBuilder("x", { fidelity: "partial" });
  builder.phase("start", "of it");
  builder.allocate(37);
  builder.callocate(3, 40);
  builder.memalign(64, 1000);
  builder.reallocate(1, 4096);
  builder.free(2);
  builder.allocateAs(LARGEST_ID, 0);
  builder.free(3);
  builder.anomaly("lost events", 300);
  builder.phase("end");
  return builder.finish();
}

/** Two chunks and two more events. */
function longTrace(): Trace {
  const builder = new TraceBuilder("x");
  for (let i = 0; i <= CHUNK_EVENTS; i++) {
    if (i % 30000 === 0 || i === CHUNK_EVENTS / 2) builder.phase(`at-${i}`);
    builder.free(builder.allocate(i % 1000));
  }
  return builder.finish();
}

const FILE = join(writeHeaptrace(sample()));
const readAll = (bytes: Uint8Array, file = "x.heaptrace") => read(heaptrace, [bytes], file);
const error = (bytes: Uint8Array) =>
  messageOf(() => readAll(bytes)).replace(/^TraceError: x\.heaptrace: /, "");

/** A file of blocks, with right checksums around whatever is in them. */
function file(...blocks: [kind: string, argument: number, body: Uint8Array][]): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [FILE.subarray(0, MAGIC_BYTES)];
  for (const [kind, argument, body] of blocks) {
    const head = new Uint8Array(HEAD_BYTES);
    const view = new DataView(head.buffer);
    head.set(encode(kind));
    for (const [i, word] of [argument, body.length, crc32(body)].entries())
      view.setUint32(4 + 4 * i, word, true);
    view.setUint32(16, crc32(head, 0, 16), true);
    pieces.push(head, body);
  }
  return join(pieces);
}

/** The blocks of a good file, to be put together otherwise. */
function blocks(bytes: Uint8Array): [kind: string, argument: number, body: Uint8Array][] {
  const found: [string, number, Uint8Array][] = [];
  for (let at = MAGIC_BYTES; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const length = view.getUint32(8, true);
    const kind = new TextDecoder().decode(bytes.subarray(at, at + 4));
    found.push([kind, view.getUint32(4, true), bytes.slice(at + HEAD_BYTES, at + HEAD_BYTES + length)]);
    at += HEAD_BYTES + length;
  }
  return found;
}

/** Columns op, id, bytes, argument, phase of a chunk. */
const chunkBody = (...columns: number[][]) =>
  Uint8Array.from([...columns.map((column) => column.length), ...columns.flat()]);
const [header, , footer] = blocks(FILE);
const [graphHeader] = blocks(
  join(
    writeHeaptrace(
      (() => {
        const builder = new TraceBuilder("x");
        builder.collect();
        return builder.finish();
      })(),
    ),
  ),
);

describe("the binary format", () => {
  it("is written and read again without a difference", () => {
    expect(contents(readAll(FILE))).toEqual(contents(sample()));
    fc.assert(
      fc.property(fc.oneof(anyTrace, anyGraph), fc.integer({ min: 1, max: 50 }), (trace, length) => {
        const bytes = join(writeHeaptrace(trace));
        const pieces = [];
        for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
        expect(contents(read(heaptrace, pieces))).toEqual(contents(trace));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("keeps times, threads, addresses and call sites, and threads and sites as they grow", () => {
    const builder = new TraceBuilder("x");
    builder.records("time", "thread", "address", "site");
    const { details, sites, threads } = builder;
    const outer = sites.of("main (app.c:12)");
    threads.push(4711, 4712);
    for (let i = 0; i < CHUNK_EVENTS + 10; i++) {
      details.time = i * 1000 + ((i * 7919) % 31) * 900; // sometimes back
      details.thread = i % 100 < 90 ? 0 : 1;
      details.address = 0x7f12_3456_7000 + ((i * 48271) % 65521) * 16;
      details.site = i === CHUNK_EVENTS ? sites.add(outer, "libx.so+0x10") : outer;
      const id = builder.allocate(10);
      [details.address, details.site] = [0, 0];
      if (i % 3 !== 0) builder.free(id);
    }
    const trace = builder.finish();
    const again = readAll(join(writeHeaptrace(trace)));
    expect(again.recorded).toEqual(trace.recorded);
    expect(again.threads).toEqual(trace.threads);
    expect(again.sites.stack(2)).toEqual(["libx.so+0x10", "main (app.c:12)"]);
    expect(again.hash).toBe(trace.hash);
    expect(again.chunks.map(({ recorded }) => recorded)).toEqual(
      trace.chunks.map(({ recorded }) => recorded),
    );
  });

  it("has no columns for references where there are none, and else takes 3 and a half bytes for a store", () => {
    const [[, , columns]] = blocks(FILE);
    expect(columns[0]).toBe(5);
    const builder = new TraceBuilder("list");
    builder.root(builder.allocate(24, 2));
    for (let i = 2; i <= 30000; i++) {
      builder.allocate(24, 2);
      builder.store(i - 1, 1, i);
    }
    builder.collect();
    const trace = builder.finish();
    const bytes = join(writeHeaptrace(trace));
    // An allocation with FIELDS is half a byte, its bytes and its fields. A distance between ids may take two bytes.
    expect(bytes.length / 30000).toBeLessThan(2.5 + 3.5 + 0.1);
    expect(blocks(bytes)[0][2][0]).toBe(7);
    expect(contents(readAll(bytes))).toEqual(contents(trace));
  });

  it("does not begin a file without the columns that its events need", () => {
    const builder = new TraceBuilder("x");
    builder.root(builder.allocate(24, 2));
    const [chunk] = builder.finish().chunks;
    expect(() => new HeaptraceWriter().chunk(chunk)).toThrow("begun without their columns");
  });

  it("takes many chunks, and is the same bytes when the trace is handed out while it is made", () => {
    const trace = longTrace();
    const bytes = join(writeHeaptrace(trace));
    expect(blocks(bytes).map(([kind, argument]) => `${kind} ${argument}`)).toEqual([
      "HEAD 2",
      "ROWS 65536",
      "ROWS 65536",
      "ROWS 2",
      "DONE 3",
    ]);
    const again = readAll(bytes);
    expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
    expect({ ...again, chunks: [] }).toEqual({ ...trace, name: "x.heaptrace", chunks: [] });

    const writer = new HeaptraceWriter();
    const pieces = [writer.start()];
    const builder = new TraceBuilder("x", {
      chunk: (chunk, phases) => pieces.push(writer.chunk(chunk, phases)),
    });
    const reader = heaptrace.read(builder, { file: "x", strict: true });
    reader.push(bytes);
    reader.end();
    pieces.push(writer.end(builder.finish()));
    expect(Buffer.compare(join(pieces), bytes)).toBe(0);
  });

  it("keeps a trace of nothing, and one of phases only", () => {
    const builder = new TraceBuilder("x");
    builder.phase("alone", "ä €");
    const trace = builder.finish();
    expect(contents(readAll(join(writeHeaptrace(trace))))).toEqual(contents(trace));
    const none = new TraceBuilder("x").finish();
    expect(contents(readAll(join(writeHeaptrace(none))))).toEqual(contents(none));
  });

  it("is the same wherever it is cut into pieces", () => {
    const expected = contents(sample());
    for (let cut = 0; cut <= FILE.length; cut++)
      expect(contents(read(heaptrace, [FILE.subarray(0, cut), FILE.subarray(cut)]))).toEqual(expected);
    expect(
      contents(
        read(
          heaptrace,
          Array.from(FILE, (byte) => Uint8Array.of(byte)),
        ),
      ),
    ).toEqual(expected);
  });

  it("is refused when any one byte is another", () => {
    const flips = Array.from({ length: 255 }, (_, i) => i + 1);
    for (let at = 0; at < FILE.length; at++)
      for (const flip of at < 40 ? flips : [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const broken = FILE.slice();
        broken[at] ^= flip;
        expect(error(broken)).toMatch(
          at < MAGIC_BYTES ? /is no heaptrace/ : /is damaged: its checksum is 0x/,
        );
      }
  });

  it("is refused when it ends anywhere before its end", () => {
    for (let length = 0; length < FILE.length; length++)
      expect(error(FILE.subarray(0, length))).toMatch(/^ends early: /);
  });

  it("says where it ends, or which part is damaged", () => {
    const [head, chunk] = blocks(FILE).map(([, , body]) => HEAD_BYTES + body.length);
    const chunkAt = MAGIC_BYTES + head;
    const footerAt = chunkAt + chunk;
    expect(error(FILE.subarray(0, 0))).toBe("ends early: it has 0 of the 8 bytes that it starts with");
    expect(error(FILE.subarray(0, 10))).toBe(
      "ends early: the head of the header at byte 8 has 2 of 20 bytes",
    );
    expect(error(FILE.subarray(0, 40))).toBe(`ends early: the header at byte 8 has 32 of ${head} bytes`);
    expect(error(FILE.subarray(0, chunkAt))).toBe(`ends early: no footer follows at byte ${chunkAt}`);
    expect(error(FILE.subarray(0, footerAt - 1))).toBe(
      `ends early: chunk 1 at byte ${chunkAt} has ${chunk - 1} of ${chunk} bytes`,
    );
    expect(error(FILE.subarray(0, footerAt))).toBe(`ends early: no footer follows at byte ${footerAt}`);
    expect(error(join([FILE, Uint8Array.of(0)]))).toBe(
      `is damaged: more bytes follow its footer, from byte ${FILE.length}`,
    );
    const broken = FILE.slice();
    broken[chunkAt + HEAD_BYTES] ^= 1;
    const sum = (bytes: Uint8Array) => `0x${crc32(bytes).toString(16).padStart(8, "0")}`;
    const body = (bytes: Uint8Array) => bytes.subarray(chunkAt + HEAD_BYTES, footerAt);
    expect(error(broken)).toBe(
      `chunk 1 at byte ${chunkAt} is damaged: its checksum is ${sum(body(broken))}, the file says ${sum(body(FILE))}`,
    );
  });

  it("is refused when a newer version wrote it", () => {
    expect(error(file(["HEAD", 3, header[2]], footer))).toBe(
      "was written by a newer version (format 3; this reads up to 2)",
    );
  });

  it("skips the columns and the blocks that it does not know, unless they are needed", () => {
    const directory = new VarintWriter();
    const column = (number: number, required: number, name: string) => {
      directory.number(number);
      directory.byte(required);
      directory.text(name);
    };
    directory.number(7);
    column(99, 0, "cost");
    for (const [number, name] of ["op", "id", "bytes", "argument", "phase"].entries())
      column(number, 1, name);
    column(98, 0, "mood");
    const head = directory.bytes.slice();
    const [, chunk] = blocks(FILE);
    const lengths = chunk[2].subarray(0, 5);
    const columns = chunk[2].subarray(5);
    const body = join([Uint8Array.of(3), lengths, Uint8Array.of(1, 7, 7, 7), columns, Uint8Array.of(5)]);
    const newer = file(["HEAD", 1, head], ["mood", 0, encode("main")], ["CHNK", chunk[1], body], footer);
    expect(contents(readAll(newer))).toEqual(contents(sample()));

    expect(error(file(header, ["SITE", 0, encode("main")], footer))).toMatch(
      /^the block "SITE" at byte \d+: this version does not know it, and it must not be skipped$/,
    );
    directory.clear();
    directory.number(1);
    column(99, 1, "fields");
    expect(error(file(["HEAD", 1, directory.bytes]))).toBe(
      "the header at byte 8: the events need column fields (99), which this version does not know",
    );
    directory.clear();
    directory.number(1);
    column(0, 1, "op");
    expect(error(file(["HEAD", 1, directory.bytes]))).toBe("the header at byte 8: column id is missing");
    directory.clear();
    directory.number(2);
    column(0, 1, "op");
    column(0, 1, "again");
    expect(error(file(["HEAD", 1, directory.bytes]))).toBe(
      "the header at byte 8: column again has the number of another, 0",
    );
  });

  it("is refused when its checksums are right and its contents are not", () => {
    const body = (bytes: number[] | Uint8Array) => Uint8Array.from(bytes);
    const chunk = (events: number, ...columns: number[][]) =>
      error(file(header, ["CHNK", events, chunkBody(...columns)], footer)).replace(/ at byte \d+/, "");
    expect(chunk(1, [0], [2], [5], [], [])).toMatch(
      /^the footer: it says events 7, but what was read comes to 1$/,
    );
    expect(chunk(1, [7], [2], [5], [], [])).toBe("chunk 1: event 0 of 1: column operation ends early");
    const graph = (events: number, ...columns: number[][]) =>
      error(file(graphHeader, ["CHNK", events, chunkBody(...columns)], footer)).replace(/ at byte \d+/, "");
    expect(graph(1, [7], [2], [], [], [], [], [2])).toBe(
      "chunk 1: event 0 of 1: operation 2 is written as one that is escaped",
    );
    expect(graph(1, [7], [], [], [], [], [], [13])).toBe("chunk 1: event 0 of 1: operation 13 is unknown");
    expect(graph(2, [0x56], [2, 0], [8], [1, 0], [], [9], [])).toBe(
      "chunk 1: event 1 of 2: store of object 5, which is not live (it was never allocated)",
    );
    expect(graph(2, [0x56], [2, 0], [8], [1, 1], [], [0], [])).toBe(
      "chunk 1: event 1 of 2: store into field 1 of object 1, which has 1 fields, from 0",
    );
    expect(chunk(1, [4], [2], [], [], [])).toMatch(
      /^chunk 1: event 0 of 1: free of object 1, which is not live/,
    );
    expect(chunk(2, [0], [2, 0], [5, 5], [], [])).toBe(
      "chunk 1: event 1 of 2: object 1 is allocated while it is live",
    );
    expect(chunk(1, [0], [1], [5], [], [])).toBe("chunk 1: event 0 of 1: object -1: an id is a whole number");
    expect(chunk(1, [2], [2], [5], [31], [])).toMatch(
      /^chunk 1: event 0 of 1: alignment 2147483648 is not a power/,
    );
    expect(chunk(1, [0], [2], [255, 255, 255, 255, 127], [], [])).toMatch(
      /^chunk 1: event 0 of 1: 34359738367 bytes are/,
    );
    expect(chunk(1, [0], [2], [255, 255, 255, 255, 255, 255, 255, 255], [], [])).toMatch(
      /holds a number beyond 2\^53 - 1$/,
    );
    expect(chunk(3, [0], [2, 2], [5, 5], [], [])).toBe("chunk 1: event 2 of 3: column op ends early");
    expect(chunk(1, [0], [], [5], [], [])).toBe("chunk 1: event 0 of 1: column id ends early");
    expect(chunk(1, [0], [128], [5], [], [])).toBe("chunk 1: event 0 of 1: column id ends early");
    expect(chunk(1, [0], [2], [5, 6], [], [])).toBe("chunk 1: column bytes is too long: bytes left: 1");
    expect(chunk(1, [0], [2], [5], [], [0, 0, 0])).toMatch(/event 0 of 1: "" is no name of a phase/);
    expect(chunk(1, [0], [2], [5], [], [0, 100])).toBe("chunk 1: event 0 of 1: column phase ends early");
    expect(chunk(1, [0], [2], [5], [], [9, 1, 65, 0])).toBe(
      "chunk 1: column phase is too long: bytes left: 3",
    );
    expect(chunk(65537, [], [], [], [], [])).toBe("chunk 1: 65537 events are more than the limit of 65536");
    expect(error(file(header, ["CHNK", 0, body([9, 9, 9, 9, 9])]))).toMatch(
      /^chunk 1 at byte \d+: the block ends early$/,
    );
    expect(error(file(header, ["CHNK", 0, body([0, 0, 0, 0, 0, 1])]))).toMatch(
      /the block is too long: bytes left: 1$/,
    );

    expect(error(file(footer))).toBe("the footer at byte 8 is out of place");
    expect(error(file(header, header))).toMatch(/^the header at byte \d+ is out of place$/);
    const [, good] = blocks(FILE);
    expect(error(file(header, good, good, footer))).toMatch(
      /^chunk 2 at byte \d+: event 0 of 7: object 1 is allocated/,
    );
    expect(error(file(header, good, ["DONE", 2, footer[2]]))).toMatch(
      /it says chunks 2, but what was read comes to 1$/,
    );
    for (const [at, what] of [
      [0, "events"],
      [1, "objects"],
      [2, "rows"],
      [3, "peakLiveBytes"],
      [6, "hash"],
    ] as const) {
      const totals = footer[2].slice();
      totals[at] ^= 1;
      const wrong = file(header, good, ["DONE", 1, totals]);
      const told = new RegExp(
        `^TraceError: x: the footer at byte \\d+: it says ${what} \\w+, but what was read`,
      );
      expect(messageOf(() => read(heaptrace, [wrong], "x", true))).toMatch(told);
      if (what !== "hash") expect(messageOf(() => read(heaptrace, [wrong], "x"))).toMatch(told);
    }
  });

  it("does not believe a length before it has read that much", () => {
    const bytes = file(header, ["CHNK", 1, new Uint8Array(0)]);
    const view = new DataView(bytes.buffer);
    const at = bytes.length - HEAD_BYTES;
    const claim = (length: number) => {
      view.setUint32(at + 8, length, true);
      view.setUint32(at + 16, crc32(bytes, at, at + 16), true);
      return error(bytes);
    };
    expect(claim(2 ** 32 - 1)).toBe(
      `chunk 1 at byte ${at} claims 4294967295 bytes, more than the limit of 67108864`,
    );
    expect(claim(2 ** 26)).toBe(`ends early: chunk 1 at byte ${at} has 20 of 67108884 bytes`);
  });

  it("takes hostile bytes of any kind with an error that is its own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), (body, events) => {
        const [, good] = blocks(FILE);
        const columns = chunkBody(
          [...body.subarray(0, 9)],
          [...body],
          [...body],
          [...body.subarray(20)],
          [...body.subarray(30)],
        );
        for (const bytes of [
          file(["HEAD", 1, body]),
          file(header, ["CHNK", events, body]),
          file(header, ["CHNK", events, columns]),
          file(header, good, ["DONE", 1, body]),
        ])
          expect(messageOf(() => readAll(bytes))).toMatch(/^TraceError: x\.heaptrace: /);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("is told by its first bytes, also when there are only some of them", () => {
    for (const length of [1, 7, 8, 100]) expect(heaptrace.detect(FILE.subarray(0, length))).toBe(true);
    expect(heaptrace.detect(new Uint8Array(0))).toBe(false);
    expect(heaptrace.detect(encode("a 1 5\n"))).toBe(false);
  });
});

describe("varints", () => {
  it("come back as they were, up to 2^53 - 1", () => {
    const numbers = [
      0,
      1,
      127,
      128,
      16383,
      16384,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 52,
      2 ** 53 - 1,
    ];
    const writer = new VarintWriter();
    for (const number of numbers) writer.number(number);
    const reader = new VarintReader(writer.bytes, "it");
    expect(numbers.map(() => reader.number())).toEqual(numbers);
    reader.end();
  });
});

describe("CRC-32", () => {
  it("gives the check value of its catalogue entry", () => {
    expect(crc32(encode("123456789"))).toBe(0xcbf43926);
  });
});
