import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { type ReadOptions, readTrace } from "../../../src/traces/read-trace.ts";
import { bytesOf } from "../recorders/samples.ts";
import { encode, join } from "../traces.ts";

const failure = (source: Uint8Array | AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<string> =>
  readTrace(source, "x", options).then(
    () => "nothing was thrown",
    (reason) => `${reason.name}: ${reason.message}`,
  );

/** A zstd frame of runs (RFC 8878, 3.1.1): each 4 bytes are as many blanks as its length says. */
function runs(lengths: readonly number[], windowByte = 0x38): Uint8Array {
  const head = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, windowByte);
  const blocks = lengths.map((length, i) => {
    const word = (length << 3) | 2 | (i === lengths.length - 1 ? 1 : 0);
    return Uint8Array.of(word & 255, (word >> 8) & 255, word >> 16, 32);
  });
  return join([head, ...blocks]);
}

describe("packed files", () => {
  it("are stopped at the limit when they are bombs, and read to the end below it", async () => {
    // Each is 16 MiB of blanks in some kilobytes, after a line that is a trace.
    const blanks = new Uint8Array(16 << 20).fill(32);
    for (let at = 4095; at < blanks.length; at += 4096) blanks[at] = 10;
    blanks.set(encode("a 1 5\n"));
    const bombs = { gzip: new Uint8Array(gzipSync(blanks)), zip: zipSync({ "bomb.trace": blanks }) };
    for (const [name, bomb] of Object.entries(bombs)) {
      expect(bomb.length).toBeLessThan(1 << 20);
      expect(await failure(bomb, { maxBytes: 1 << 20 })).toBe(
        `TraceError: x: more than 1048576 bytes come out of its ${name}; if that is right, raise the limit (--max-bytes)`,
      );
      expect((await readTrace(bomb, "x", { chunk: () => {} })).events).toBe(1);
    }
    const bomb = runs(Array(600).fill(1 << 17));
    expect(await failure(bomb, { maxBytes: 1 << 20 })).toMatch(
      /more than 1048576 bytes come out of its zstd/,
    );
  });

  it("of zstd are refused before a window that is too large is made", async () => {
    expect(await failure(runs([10], 0xff))).toBe(
      "TraceError: x: the zstd data needs a window of 4123168604160 bytes, the largest is 33554432: pack it without --long or --ultra",
    );
  });

  it("of zstd are refused when little of it makes much work", async () => {
    expect(await failure(runs(Array(1000).fill(1), 0x78))).toBe(
      "TraceError: x: the zstd data is cut into blocks too short for its window of 33554432 bytes",
    );
  });

  it("of zstd may have frames to be skipped, frames of one byte, and none at all", async () => {
    const skipped = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);
    const raw = join([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 6, 0x31, 0, 0), encode("a 1 5\n")]);
    expect((await readTrace(join([skipped, raw, runs([1]), skipped]), "x")).events).toBe(1);
    expect(await failure(skipped)).toMatch(/^TraceError: x: the file is empty/);
  });

  it("that are damaged or end early are said to be", async () => {
    const zstd = bytesOf("broker.heaptrack.raw.zst");
    for (const length of [5, 30, 600, zstd.length - 1])
      expect(await failure(zstd.subarray(0, length))).toBe("TraceError: x: the zstd data ends early");
    expect(await failure(join([zstd, encode("more and more")]))).toMatch(/no frame begins where one must$/);
    const tooLong = runs([(1 << 17) + 1]);
    expect(await failure(tooLong)).toBe("TraceError: x: the zstd data is damaged");
    const zip = zipSync({ "a.trace": encode(Array.from({ length: 99 }, (_, id) => `a ${id} 5\n`).join("")) });
    expect(await failure(zip.subarray(0, 50))).toMatch(/^TraceError: x: the zip data ends early/);
  });

  it("of zip hold one file, and if not, it is said which", async () => {
    const [one, two] = [encode("a 1 5\n"), encode("a 1 6\n")];
    expect(await failure(zipSync({ "a.trace": one, "b.trace": two }))).toBe(
      "TraceError: x: the zip archive has more than one file (a.trace, b.trace): unpack it and give one of them",
    );
    expect(await failure(zipSync({ "a/": new Uint8Array(0) }))).toBe(
      "TraceError: x: the zip archive has no file",
    );
  });
});
