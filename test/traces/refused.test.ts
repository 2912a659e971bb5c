import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../src/traces/read-trace.ts";
import { encode } from "./traces.ts";

const refusal = (bytes: Uint8Array) =>
  readTrace(bytes, "x").then(
    () => "it was read",
    (reason) => `${reason.name}: ${reason.message}`,
  );

const pprof = Uint8Array.of(0x0a, 4, 8, 1, 16, 2, 0x0a, 4, 8, 3, 16, 4);
const perfetto = Uint8Array.of(0x0a, 20, 0x1a, 18, ...encode("android.heapprofd"));

describe("formats that cannot be replayed", () => {
  it.each([
    ["DHAT profile", encode('{"dhatFileVersion":2\n,"mode":"heap"\n}'), "sums over the run"],
    [
      "massif profile",
      encode("desc: (none)\ncmd: ./broker\ntime_unit: i\n#-----------\n"),
      "sums over the run",
    ],
    ["jemalloc heap profile", encode("heap_v2/524288\n  t*: 3: 4 [0: 0]\n"), "a sample of the allocations"],
    [
      "tcmalloc or gperftools heap profile",
      encode("heap profile:      1:       2 [     3:      4] @ heap_v2/524288\n"),
      "a sample of the allocations",
    ],
    ["pprof profile", pprof, "a sample of the allocations"],
    ["pprof profile", new Uint8Array(gzipSync(pprof)), "a sample of the allocations"],
    ["Perfetto trace", perfetto, "a sample of the allocations"],
    [
      "malloc_info or malloc_stats of glibc",
      encode('<malloc version="1">\n<heap nr="0">\n'),
      "the state of the heap",
    ],
    [
      "bpftrace program",
      encode("uprobe:/lib/libc.so.6:malloc { @size[tid] = arg0; }\n"),
      "run it and give its output",
    ],
  ])("such as a %s are refused by name, with the reason", async (name, bytes, reason) => {
    const message = await refusal(bytes);
    expect(message.startsWith(`TraceError: x: ${name}`)).toBe(true);
    expect(message).toContain(reason);
  });
});
