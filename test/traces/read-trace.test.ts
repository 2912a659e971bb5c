import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { formats } from "../../src/traces/formats.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import { type ReadOptions, readTrace } from "../../src/traces/read-trace.ts";
import type { Chunk } from "../../src/traces/trace.ts";
import { contents, encode, join } from "./traces.ts";

const LINES = encode("a 1 5\nc 2 3 4\n# phase load\nf 1\n");

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const failure = (source: Uint8Array | AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<string> =>
  readTrace(source, "x", options).then(
    () => "nothing was thrown",
    (reason) => `${reason.name}: ${reason.message}`,
  );

describe("reading a trace", () => {
  it("tells the format by the content and not by the name", async () => {
    const text = await readTrace(LINES, "x.heaptrace");
    expect(text).toMatchObject({ name: "x.heaptrace", events: 3 });
    const binary = await readTrace(join(writeHeaptrace(text)), "x.trace");
    expect(contents(binary)).toEqual(contents(text));
  });

  it("reads what our own formats write", async () => {
    const trace = await readTrace(LINES, "x");
    for (const { name, write } of formats)
      if (write && (name === "text" || name === "heaptrace"))
        expect(contents(await readTrace(join(write(trace)), "x"))).toEqual(contents(trace));
  });

  it("takes gzip off, wherever the stream is cut", async () => {
    const expected = contents(await readTrace(LINES, "x"));
    for (const bytes of [LINES, new Uint8Array(gzipSync(LINES))]) {
      expect(contents(await readTrace(bytes, "x"))).toEqual(expected);
      for (const length of [1, 2, 3, 7, 1000])
        expect(contents(await readTrace(pieces(bytes, length), "x"))).toEqual(expected);
    }
  });

  it("takes more than one piece of unpacked data off a piece", async () => {
    const lines = encode(Array.from({ length: 200_000 }, (_, i) => `a ${i} 5\n`).join(""));
    expect((await readTrace(new Uint8Array(gzipSync(lines)), "x")).events).toBe(200_000);
  });

  it("says when gzip is damaged or ends early", async () => {
    const zipped = new Uint8Array(
      gzipSync(encode(Array.from({ length: 9999 }, (_, i) => `a ${i} 5\n`).join(""))),
    );
    const message = "TraceError: x: the gzip data is damaged or ends early";
    const broken = zipped.slice();
    broken[zipped.length - 6] ^= 1;
    expect(await failure(broken)).toBe(message);
    for (const length of [3, 10, 200, zipped.length - 1])
      expect(await failure(zipped.subarray(0, length))).toBe(message);
  });

  it("says what it saw when no format knows the content, and which there are", async () => {
    const known = `; the formats that are known: ${formats.map(({ name }) => name).join(", ")}`;
    expect(await failure(encode(""))).toBe(`TraceError: x: the file is empty${known}`);
    expect(await failure(encode("\n  hello world\nmore"))).toBe(
      `TraceError: x: no trace that is known: it starts with "hello world"${known}`,
    );
    expect(await failure(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1))).toBe(
      `TraceError: x: no trace that is known: it starts with the bytes 7f 45 4c 46 02 01${known}`,
    );
    expect(await failure(new Uint8Array(gzipSync(encode("hello"))))).toMatch(/it starts with "hello"/);
  });

  it("reads a format that is asked for without looking", async () => {
    expect((await readTrace(encode(""), "x", { format: "text" })).events).toBe(0);
    expect(await failure(encode("hello\n"), { format: "text" })).toBe(
      'TraceError: x:1: unknown operation: "hello"',
    );
    expect(await failure(LINES, { format: "heaptrace" })).toMatch(
      /x: is no heaptrace: it starts with "a 1 5/,
    );
    expect(await failure(LINES, { format: "tex" })).toBe(
      'TraceError: unknown trace format "tex" (did you mean "text"?)',
    );
  });

  it("names the file and the line of what is wrong inside gzip", async () => {
    const zipped = new Uint8Array(gzipSync(encode("a 1 5\nf 2\n")));
    expect(await failure(zipped)).toMatch(/^TraceError: x:2: free of object 2, which is not live .*: "f 2"$/);
  });

  it("tells its progress in bytes of the source", async () => {
    const seen: number[] = [];
    await readTrace(pieces(LINES, 10), "x", { progress: (bytes) => seen.push(bytes) });
    expect(seen).toEqual([10, 20, 30, LINES.length].filter((bytes, i, all) => bytes !== all[i - 1]));
  });

  it("hands chunks out when asked to", async () => {
    const chunks: Chunk[] = [];
    const trace = await readTrace(LINES, "x", { chunk: (chunk) => chunks.push(chunk) });
    expect([trace.chunks.length, chunks.length, chunks[0].events]).toEqual([0, 1, 3]);
  });

  it("ends with the reason of a signal, and lets go of the source", async () => {
    for (const first of [LINES, new Uint8Array(gzipSync(LINES))]) {
      const abort = new AbortController();
      let closed = false;
      const endless = async function* () {
        try {
          yield first;
          for (;;) {
            abort.abort(new Error("stopped"));
            yield first;
          }
        } finally {
          closed = true;
        }
      };
      expect(await failure(endless(), { signal: abort.signal })).toBe("Error: stopped");
      expect(closed).toBe(true);
    }
  });

  it("lets go of the source when something is wrong, and passes on what the source throws", async () => {
    const noise = Array.from({ length: 100_000 }, (_, i) => `a ${i} ${(i * 7919) % 10007}\n`).join("");
    const long = `a 1 5\nf 2\n${noise}`;
    for (const bytes of [encode(long), new Uint8Array(gzipSync(encode(long))), encode(`hello ${long}`)]) {
      let closed = false;
      const source = async function* () {
        try {
          yield* pieces(bytes, 10_000);
        } finally {
          closed = true;
        }
      };
      expect(await failure(source())).toMatch(/^TraceError/);
      expect(closed).toBe(true);
    }
    for (const first of [LINES, new Uint8Array(gzipSync(encode(noise))).subarray(0, 9000)]) {
      const failing = async function* () {
        yield first;
        throw new Error("disk on fire");
      };
      expect(await failure(failing())).toBe("Error: disk on fire");
    }
  });
});
