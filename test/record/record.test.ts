import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preloadLibrary } from "../../src/record/preload.ts";
import { Op, type Trace } from "../../src/traces/trace.ts";
import { Folder } from "../cli/heapscape.ts";
import {
  countsOf,
  describeWith,
  frameOf,
  GLIBC_OF_MODEL,
  placesIn,
  Recordings,
  requestsOf,
} from "./recorded.ts";

const anomaly = (
  run: { trace: { anomalies: readonly { kind: string; count: number }[] } },
  kind: string,
): number => run.trace.anomalies.find((each) => each.kind === kind)?.count ?? 0;

describeWith(["cc"], "a recorded program", () => {
  let folder: Recordings;
  beforeAll(() => {
    folder = new Recordings();
  });
  afterAll(() => folder.remove());

  it("has each of its calls in the recording, as it says itself, with addresses and sizes", async () => {
    folder.compile("family.c");
    const run = await folder.record("./family");
    expect(requestsOf(run.trace, "family")).toEqual(run.stdout.trim().split("\n"));
    expect(run.status).toBe(0);
    expect(anomaly(run, "failed call")).toBe(3);
    expect(run.trace.fidelity).toBe("exact");
    const [, calls, events] = /(\d+) calls by 1 thread, (\d+) of them events/.exec(run.stderr) ?? [];
    expect(Number(events)).toBe(run.trace.events);
    expect(Number(calls)).toBe(run.trace.events + 3 + anomaly(run, "free of NULL"));
  });

  it.skipIf(!GLIBC_OF_MODEL)("is placed by the model of glibc where it was", async () => {
    folder.compile("family.c");
    const { trace } = await folder.record("./family");
    const { mapped, bases } = await placesIn(folder, trace);
    expect(mapped).toBeGreaterThan(0);
    expect(bases.size).toBe(1); // the heap's start, the same for every request
  });

  it("has one order for all threads: nothing is freed before it is born, or born where something lives", async () => {
    folder.compile("yielding.c", "-shared", "-fPIC", "-o", "libyielding.so");
    folder.compile("threads.c", "-L.", "-lyielding", "-Wl,-rpath,.");
    // One arena, and no caches of threads: what one of them frees the next one gets.
    const tunables = "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0";
    const run = await folder.record("env", tunables, "./threads");
    const [mallocs, reallocs, frees] = run.stdout.trim().split(" ").map(Number);
    const counts = countsOf(run.trace, "threads");
    expect(counts).toEqual({ malloc: mallocs, realloc: reallocs, free: frees });
    expect(run.trace.fidelity).toBe("exact"); // no block was unknown, none at a live address
    expect(run.trace.threads).toHaveLength(7);
    expect(run.stderr).toContain(" by 7 threads, ");
  });

  it("is recorded through exec, without its children", async () => {
    folder.compile("processes.c");
    const run = await folder.record("./processes");
    expect(run.status).toBe(3);
    expect(countsOf(run.trace, "processes")).toEqual({ malloc: 30, free: 10 });
    const [exec] = run.trace.phases;
    expect(exec).toMatchObject({ name: "exec", detail: join(folder.path, "processes") });
    expect(run.trace.threads).toHaveLength(1);
    expect(anomaly(run, "block that ended with exec")).toBeGreaterThanOrEqual(10);
    expect(run.stderr).toContain("3 forked processes were left out");
  });

  it("keeps all that was done before SIGKILL", async () => {
    folder.compile("endless.c");
    const { process, run } = folder.start("./endless", "killed");
    const counted = () => folder.bytes("killed").slice(0, 4);
    await untilThere(() => new DataView(counted().buffer).getUint32(0, true) > 100_000, folder, "killed");
    const pid = childOf(process.pid!);
    globalThis.process.kill(pid, "SIGKILL");
    const { status, stderr, trace } = await run;
    expect(status).toBe(128 + 9);
    const { malloc, free } = countsOf(trace, "endless");
    const calls = new DataView(counted().buffer).getUint32(0, true);
    expect(malloc + free).toBeGreaterThanOrEqual(calls);
    expect(malloc + free).toBeLessThanOrEqual(calls + 1); // the one that was not counted any more
    expect(stderr).toContain("it was ended by SIGKILL");
    expect(trace.phases.at(-1)).toMatchObject({ name: "end", detail: "SIGKILL" });
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "gets %s, which is a phase, and the recording is finished",
    async (signal) => {
      folder.compile("endless.c");
      const { process, run } = folder.start("./endless", signal);
      await untilThere(() => true, folder, signal);
      process.kill(signal);
      const { status, trace } = await run;
      expect(status).toBe(signal === "SIGINT" ? 130 : 143);
      expect(trace.phases.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
        `${signal.toLowerCase()} `,
        `end ${signal}`,
      ]);
      expect(trace.phases[0].event).toBeLessThanOrEqual(trace.phases[1].event);
      expect(folder.files.filter((file) => file.endsWith(".tmp"))).toEqual([]);
    },
  );

  it("names its call sites, also where one library takes the place of another", async () => {
    folder.compile("library.c", "-shared", "-fPIC", "-DNAME=one", "-DBYTES=111", "-o", "one.so");
    folder.compile("library.c", "-shared", "-fPIC", "-DNAME=two", "-DBYTES=222", "-o", "two.so");
    folder.compile("libraries.c", "-ldl");
    const { stdout, trace } = await folder.record("./libraries");
    expect(stdout).toBe("same place\n");
    const frames = framesBySize(trace);
    expect(frames.get(111)).toMatch(/^one\+0x[0-9a-f]+ \(one\.so\)$/);
    expect(frames.get(222)).toMatch(/^two\+0x[0-9a-f]+ \(two\.so\)$/);
  });

  it("names the caller of operator new, not operator new", async () => {
    folder.compile("library.c", "-shared", "-fPIC", "-DNAME=_Znwm", "-DBYTES=333", "-o", "libnew.so");
    folder.compile("new.c", "-L.", "-lnew", "-Wl,-rpath,.");
    const { trace } = await folder.record("./new");
    expect(framesBySize(trace).get(333)).toMatch(/^make_one\+0x[0-9a-f]+ \(new\)$/);
  });

  it("may have little room for addresses", async () => {
    folder.compile("family.c");
    const run = await folder.record("sh", "-c", "ulimit -v 400000; exec ./family");
    expect(requestsOf(run.trace, "family")).toEqual(run.stdout.trim().split("\n"));
  });

  it("counts what it has no room for, and does not disturb the program", async () => {
    folder.compile("many.c");
    const run = await folder.record("sh", "-c", "ulimit -v 40000; exec ./many 450000");
    expect(run.status).toBe(0);
    const { malloc, free } = countsOf(run.trace, "many");
    const [, lost] = /(\d+) calls were lost: /.exec(run.stderr) ?? [];
    expect(malloc + free + Number(lost)).toBe(900_000);
    expect(Number(lost)).toBeGreaterThan(50_000);
    expect(anomaly(run, "lost event")).toBe(Number(lost));
    expect(run.trace.fidelity).toBe("partial");
  });

  it("must load the library, or nothing is written", async () => {
    folder.compile("endless.c", "-static", "-o", "static");
    await expect(folder.record("./static", "/none/file")).rejects.toThrow(
      /heapscape: \.\/static: it did not load the recorder: it is linked statically, set-user-ID, or /,
    );
    await expect(folder.record("./no-such-program")).rejects.toThrow(
      "heapscape: ./no-such-program: there is no such program",
    );
  });
});

describe("heapscape record", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder();
    mkdirSync(join(folder.path, "cache"));
  });
  afterAll(() => folder.remove());

  it("names heaptrack where there is no compiler, or one that does not compile", () => {
    const message =
      /needs a C compiler with the C library's headers \(Debian: gcc libc6-dev\).*record with heaptrack/;
    const cache = join(folder.path, "cache");
    expect(() => preloadLibrary(cache, "no-such-cc")).toThrow(message);
    expect(() => preloadLibrary(cache, "false")).toThrow(message);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("names heaptrack on another system", () => {
    const linux = Object.getOwnPropertyDescriptor(process, "platform")!;
    Object.defineProperty(process, "platform", { ...linux, value: "darwin" });
    try {
      expect(() => preloadLibrary()).toThrow(/needs Linux, and this is darwin; .*record with heaptrack/);
    } finally {
      Object.defineProperty(process, "platform", linux);
    }
  });
});

/** Who asked for so many bytes, by their number. */
function framesBySize(trace: Trace): Map<number, string> {
  const frames = new Map<number, string>();
  for (const { events, bytes, recorded, op } of trace.chunks)
    for (let i = 0; i < events; i++)
      if (op[i] === Op.allocate) frames.set(bytes[i], frameOf(trace, recorded!.site[i]));
  return frames;
}

/** The program writes its file, and what it says comes true. */
async function untilThere(done: () => boolean, folder: Folder, file: string): Promise<void> {
  const patience = performance.now() + 20_000;
  while (!(folder.files.includes(file) && folder.bytes(file).length > 0 && done())) {
    if (performance.now() > patience) throw new Error(`${file} is not written`);
    await setTimeout(10);
  }
}

/** The only child of a process; children(proc(5)) names it. */
const childOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
