import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { detectFormat, readTrace } from "../../../src/traces/read-trace.ts";
import { Op, type Trace } from "../../../src/traces/trace.ts";
import { contents, encode } from "../traces.ts";
import { bytesOf, comesTo, samples } from "./samples.ts";

const strictly = (text: string | Uint8Array, file = "x") =>
  readTrace(typeof text === "string" ? encode(text) : text, file, { strict: true }).then(
    () => "nothing was thrown",
    (reason) => `${reason.name}: ${reason.message}`,
  );

const lenient = (text: string) => readTrace(encode(text), "x");

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

/** Every event with what was recorded of it: `malloc 24 @ 0x1000 of thread 7 at 100 from main`. */
function told(trace: Trace): string[] {
  const names = ["malloc", "calloc", "memalign", "realloc", "free"];
  return trace.chunks.flatMap(({ events, op, bytes, recorded }) =>
    Array.from({ length: events }, (_, i) => {
      const { time, thread, address, site } = recorded ?? { time: [], thread: [], address: [], site: [] };
      return [
        names[op[i]],
        ...(op[i] < Op.free ? [bytes[i]] : []),
        ...(address[i] ? [`@ 0x${address[i].toString(16)}`] : []),
        ...(thread[i] !== undefined ? [`thread ${trace.threads[thread[i]]}`] : []),
        ...(time[i] !== undefined ? [`at ${time[i]}`] : []),
        ...(site[i] ? [`from ${trace.sites.stack(site[i]).join(" < ")}`] : []),
      ].join(" ");
    }),
  );
}

describe("what recorders write", () => {
  it.each(samples)("$file is told by its content and comes to what it holds", async (sample) => {
    const { file, format, fidelity, ops, anomalies } = sample;
    const bytes = bytesOf(file);
    if (!file.endsWith(".zst")) expect(detectFormat(bytes.subarray(0, 8192), "x").name).toBe(format);
    const trace = await readTrace(bytes, "no.name");
    const found = comesTo(trace);
    expect({ ...found, anomalies: anomalies && found.anomalies }).toEqual({ fidelity, ops, anomalies });
    for (const length of [1, 7, 1000])
      expect(contents(await readTrace(pieces(bytes, length), "no.name"))).toEqual(contents(trace));
  });

  it("is the same out of gzip, zstd and zip", async () => {
    const raw = bytesOf("broker.heaptrack.raw");
    const plain = contents(await readTrace(raw, "x"));
    const packed = [
      new Uint8Array(gzipSync(raw)),
      bytesOf("broker.heaptrack.raw.zst"),
      zipSync({ "run/": new Uint8Array(0), "run/broker.heaptrack.raw": raw, "__MACOSX/run/._b": raw }),
      zipSync({ "stored.raw": [raw, { level: 0 }] }),
    ];
    for (const bytes of packed) {
      expect(contents(await readTrace(bytes, "x"))).toEqual(plain);
      expect(contents(await readTrace(pieces(bytes, 13), "x"))).toEqual(plain);
    }
  });

  it("keeps addresses, threads and times, without the tag of a pointer", async () => {
    expect(told(await readTrace(bytesOf("features.memory_replay.txt"), "x"))).toEqual([
      "malloc 24 @ 0x7a1c2e4010 thread 100 at 0",
      "memalign 100 @ 0x7a1c2e5000 thread 101 at 500",
      "calloc 120 @ 0x7a1c2e6000 thread 100 at 600",
      "realloc 48 @ 0x7a1c2e7000 thread 100 at 700",
      "malloc 16 @ 0x7a1c2e8000 thread 101 at 800",
      "free thread 100 at 900",
      "free thread 101 at 1400",
      "free thread 101 at 1500",
      "malloc 0 @ 0x7a1c2e6000 thread 101 at 1500",
    ]);
    expect(told(await readTrace(bytesOf("features.ltrace.txt"), "x")).slice(0, 4)).toEqual([
      "malloc 24 @ 0x1000 thread 7001 at 0 from broker",
      "malloc 16 @ 0x2000 thread 7002 at 100000 from libmosquitto.so.1",
      "free thread 7002 at 400000",
      "calloc 40 @ 0x3000 thread 7001 at 500000 from broker",
    ]);
  });

  it("keeps call stacks, in modules or by name", async () => {
    expect(told(await readTrace(bytesOf("features.heaptrack.raw"), "x"))).toEqual([
      "malloc 32 @ 0x1000 at 0 from broker+0x10 < libc.so.6+0x100",
      "malloc 0 @ 0x2000 at 10000000 from 0x7f0000002800 < libc.so.6+0x100",
      "free at 10000000",
      "malloc 48 @ 0x1000 at 10000000 from broker+0x10 < libc.so.6+0x100",
    ]);
    expect(told(await readTrace(bytesOf("features.heaptrack"), "x")).slice(2, 4)).toEqual([
      "free at 10000000",
      "malloc 48 at 10000000 from broker at 0x400020 < main (my app.c:12)",
    ]);
    expect(told(await readTrace(bytesOf("features.mtrace.txt"), "x"))).toEqual([
      "malloc 32 @ 0x1000 from /opt/my apps/broker:(main+0x1a)[0x401150]",
      "malloc 0 @ 0x2000 from /opt/my apps/broker:(main+0x2a)[0x401160]",
      "malloc 64 @ 0x3000 from [0x401170]",
      "malloc 16 @ 0x4000",
      "realloc 256 @ 0x5000 from /opt/my apps/broker:(grow+0x10)[0x401200]",
      "free",
    ]);
  });

  it("shows inlined functions, and those without a file", async () => {
    const { sites } = await readTrace(bytesOf("features.heaptrack"), "x");
    expect(sites.stack(3)).toEqual(["main (my app.c:16) < main (my app.c:32)"]);
    expect(sites.stack(4)).toEqual(["main"]);
  });

  it("says where there is an anomaly when that is an error, and what it is", async () => {
    expect(await strictly(bytesOf("features.mtrace.txt"), "a.txt")).toBe(
      'TraceError: a.txt:3: request of 0 bytes: "@ /opt/my apps/broker:(main+0x2a)[0x401160] + 0x2000 0"',
    );
    expect(await strictly("1: malloc 0x10 5\n1: free 0x20\n")).toBe(
      'TraceError: x:2: free of an unknown block: "1: free 0x20"',
    );
    expect(await strictly("1: malloc 0x10 5\n1: malloc 0x10 5\n")).toMatch(
      /^TraceError: x:2: allocation at a live/,
    );
    expect(await strictly("1: malloc 0x10 5\nhello\n")).toBe('TraceError: x:2: unreadable line: "hello"');
    expect(await strictly("1: malloc 0x10 5\n1: mal")).toBe('TraceError: x:2: truncated tail: "1: mal"');
    expect(await strictly("1: malloc 0x10 3000000000\n")).toMatch(
      /x:1: request of more than 2147483647 bytes/,
    );
    expect(await strictly("1 1 malloc 5 0x10\nLost 7 events\n")).toBe(
      'TraceError: x:2: lost event: "Lost 7 events"',
    );
    expect(await strictly(bytesOf("broker.memory_replay.txt"))).toBe("nothing was thrown");
  });

  it("ends with an error where lines have no end", async () => {
    const long = `1: malloc 0x10 5\n${"z".repeat(2 ** 20 + 1)}`;
    await expect(lenient(long)).rejects.toThrow(/^x:2: the line is longer than 1048576 bytes: "zzz/);
  });

  it("frees what lives where a block is allocated or moved to, so ids stay apart", async () => {
    const trace = await lenient("1: malloc 0x10 1\n1: malloc 0x20 2\n1: realloc 0x10 0x20 3\n1: free 0x10\n");
    expect(trace.chunks[0].id.join()).toBe("1,2,1,2,2");
    expect(comesTo(trace)).toMatchObject({
      fidelity: "partial",
      anomalies: { "allocation at a live address": 1 },
    });
  });

  it("does not take a free and a malloc for a realloc, be they ever so close", async () => {
    const raw = "v 10400 3\nx 1 x\nt 10 0\n+ 20 1 1000\n- 1000\n+ 30 1 1000\n";
    expect(comesTo(await lenient(raw)).ops).toEqual([2, 0, 0, 0, 1]);
  });

  it("refuses a file of heaptrack from before its classes", async () => {
    await expect(lenient("v 10000 0\ns 1 x\n+ 20 1 1000\n")).rejects.toThrow(/before 1\.0 has no classes/);
  });
});
