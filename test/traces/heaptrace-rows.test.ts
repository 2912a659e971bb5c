import { describe, expect, it } from "vitest";
import { readingModule } from "../../src/engine/kernel-module.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Compiled } from "../../src/traces/compiled.ts";
import { heaptrace } from "../../src/traces/heaptrace.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { wordSum } from "../../src/traces/word-sum.ts";
import { Random } from "../../src/workloads/random.ts";
import { withChecksums } from "../fuzz/mutations.ts";
import { bytesOf } from "./recorders/samples.ts";
import { contents, join, messageOf, sameColumns } from "./traces.ts";

function readBy(compiled: Compiled | undefined, bytes: Uint8Array, thorough: boolean): Trace {
  const builder = new TraceBuilder("x", { compiled });
  const reader = heaptrace.read(builder, { file: "x", strict: false, thorough });
  for (let at = 0; at < bytes.length; at += 100_000) reader.push(bytes.subarray(at, at + 100_000));
  reader.end();
  return builder.finish();
}

/** The file read by TypeScript alone and by compiled code, one way after the other. */
function both<T>(
  act: (read: (bytes: Uint8Array, thorough?: boolean) => Trace) => T,
): [plain: T, compiled: T] {
  const module = readingModule();
  if (module === undefined) throw new Error("it is not built: npm run build:kernel");
  const compiled = Compiled.of(module)!;
  const plain = act((bytes, thorough = true) => readBy(undefined, bytes, thorough));
  const fast = act((bytes, thorough = true) => readBy(compiled, bytes, thorough));
  compiled.release();
  return [plain, fast];
}

/** So many requests of all kinds, with phases; ids count upwards, but for a step at `step`. */
function requests(events: number, step = -1): Trace {
  const random = new Random(3);
  const builder = new TraceBuilder("x");
  const live: number[] = [];
  let id = 4;
  while (builder.events < events) {
    const what = random.below(100);
    if (random.below(events) < 5) builder.phase(`at-${builder.events}`);
    if (live.length > 0 && what < 47) builder.free(live.splice(random.below(live.length), 1)[0]);
    else if (live.length > 0 && what < 50) builder.reallocate(live[0], random.below(60_000));
    else {
      id += builder.events === step ? 2 : 1;
      if (what < 70) builder.callocateAs(id, random.below(3), random.below(300));
      else if (what < 72) builder.memalignAs(id, 2 ** random.below(8), random.below(300));
      else builder.allocateAs(id, random.below(300));
      live.push(id);
    }
  }
  return builder.finish();
}

const fileOf = (trace: Trace) => join(writeHeaptrace(trace));
const kinds = (bytes: Uint8Array) =>
  [...new TextDecoder("latin1").decode(bytes).matchAll(/CHNK|ROWS/g)].join(" ");

/** Contents, with the call stacks as people see them. */
const noted = (trace: Trace) => ({
  ...contents(trace),
  sites: Array.from({ length: trace.sites.count }, (_, i) => trace.sites.stack(i + 1)),
});

describe("blocks of rows", () => {
  it("have numbers of as many bytes as the largest needs", () => {
    for (const [objects, size] of [
      [3, 200],
      [300, 70_000],
      [66_000, 1_000],
      [70_000, 100],
    ]) {
      const builder = new TraceBuilder("x");
      for (let id = 0; id < objects; id++) builder.allocateAs(id, size - (id % 7));
      for (let id = 0; id < objects; id += 3) builder.free(id);
      const trace = builder.finish();
      const bytes = fileOf(trace);
      expect(kinds(bytes)).not.toContain("CHNK");
      for (const again of both((read) => read(bytes)))
        expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
    }
  });

  it("are read as they were written, by compiled code too", () => {
    const trace = requests(150_000);
    const bytes = fileOf(trace);
    expect(kinds(bytes)).toBe("ROWS ROWS ROWS");
    for (const again of both((read) => read(bytes))) {
      expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
      expect({ ...again, chunks: [] }).toEqual({ ...trace, chunks: [] });
    }
  });

  it("come beside chunks where an id is not one more than the one before", () => {
    const trace = requests(140_000, 70_000);
    const bytes = fileOf(trace);
    expect(kinds(bytes)).toBe("ROWS CHNK ROWS");
    for (const again of both((read) => read(bytes))) {
      expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
      expect({ ...again, chunks: [] }).toEqual({ ...trace, chunks: [] });
    }
  });

  it.each(["features.heaptrack.raw", "features.memory_replay.txt"])(
    "keep what %s has recorded",
    async (file) => {
      const trace = await readTrace(bytesOf(file), "x");
      const bytes = fileOf(trace);
      expect(kinds(bytes)).toBe("ROWS");
      for (const again of both((read) => read(bytes))) expect(noted(again)).toEqual(noted(trace));
    },
  );

  it("make the same of any change behind right checksums, and never what no program could have made", async () => {
    const random = new Random(11);
    const files = [fileOf(requests(40)), fileOf(await readTrace(bytesOf("features.memory_replay.txt"), "x"))];
    const told = new Set<string>();
    for (const good of files)
      for (let round = 0; round < 600; round++) {
        const changed = good.slice();
        for (let times = 1 + random.below(2); times > 0; times--)
          changed[random.below(changed.length)] = [random.below(256), random.below(8), 0xff][random.below(3)];
        const bytes = withChecksums(changed);
        const outcome = (read: (bytes: Uint8Array, thorough?: boolean) => Trace) => {
          let trace: Trace | undefined;
          const message = messageOf(() => {
            trace = read(bytes, false);
          });
          return trace ? JSON.stringify(contents(trace)) : message;
        };
        const [plain, compiled] = both(outcome);
        expect(compiled).toBe(plain);
        told.add(plain.replace(/\d+/g, "N"));
      }
    const said = [...told].join("\n");
    for (const words of [
      "event N of N: the object gets row N, and the file says N",
      "event N of N: free of row N, in which no object lives",
      "event N of N: operation N is none of a block of rows",
      "event N of N: column argument has N for malloc",
      "event N of N: column bytes has N for free",
      "event N of N: alignment N is not a power of two",
      "a column has numbers of N bytes",
      "the block ends early",
    ])
      expect(said).toContain(words);
  });

  it("have a checksum that compiled code computes too, and that any change of one byte changes", () => {
    const random = new Random(5);
    const bytes = Uint8Array.from({ length: 300 }, () => random.below(256));
    const module = readingModule()!;
    const compiled = Compiled.of(module)!;
    for (let length = 0; length <= bytes.length; length++)
      expect(compiled.sum(bytes.subarray(0, length))).toBe(wordSum(bytes.subarray(0, length)));
    compiled.release();
    const sums = new Set([wordSum(bytes)]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] ^= 1 << (at % 8);
      sums.add(wordSum(changed));
    }
    expect(sums.size).toBe(bytes.length + 1);
  });
});
