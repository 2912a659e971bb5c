/** What every engine of sweeps must do. */
import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cells } from "../../../src/engine/run-cells.ts";
import type { Engine, Outcome } from "../../../src/engine/sweep/engine.ts";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { type PlannedJob, planOf } from "../../../src/engine/sweep/plan.ts";
import { Store } from "../../../src/engine/sweep/store.ts";
import { sweep } from "../../../src/engine/sweep/sweep.ts";

/** Jobs on files in a folder of their own. */
export class Work {
  readonly path = mkdtempSync(join(tmpdir(), "heapscape-sweep-"));

  constructor() {
    this.write("small.trace", "a 1 16\na 2 24\nf 1\n# phase load\na 3 8\nr 2 64\nf 2\n");
    this.write("corrupt.trace", "a 1 16\nf 9\n");
    this.write("faulty.mjs", FAULTY);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }

  /** From now on `faulty.mjs:how=wait` says when it has begun, and waits until it is released. */
  hold(): { began: Promise<void>; release: () => void } {
    rmSync(this.file("began"), { force: true });
    this.write("hold", "");
    const began = new Promise<void>((resolve) => {
      const watcher = watch(this.path, (_, name) => {
        if (name !== "began") return;
        watcher.close();
        resolve();
      });
    });
    return { began, release: () => rmSync(this.file("hold")) };
  }

  /** Names that end with `.trace` or `.mjs` are files of the folder. */
  async jobs(inputs: readonly string[], policies: readonly string[], heaps = ["2x"]): Promise<PlannedJob[]> {
    const inputFiles = inputs.map((name) => (name.endsWith(".trace") ? this.file(name) : name));
    const calls = policies.map((call) => (call.startsWith("faulty") ? this.file(call) : call));
    return [...(await planOf("test", cells(inputFiles, calls, heaps))).jobs];
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Does harm in several ways; and with `wait` none, but says in a file that it began, and goes on when another is gone. */
const FAULTY = `import { existsSync, writeFileSync } from "node:fs";
const own = (name) => import.meta.dirname + "/" + name;
export default {
  name: "faulty", family: "regions", summary: "Fails.", source: "a test", departs: "", kind: "allocator",
  coalesces: () => "never", granule: () => 8, reasons: {},
  options: { how: { type: "choice", default: "throw", choices: ["throw", "exit", "later", "memory", "wait", "really", "forever"], about: "how" } },
  create: (_, { how }) => ({
    allocate() {
      if (how === "throw") throw new Error("out of ideas");
      if (how === "exit") process.exit(0);
      if (how === "later") { setImmediate(() => { throw new Error("too late"); }); return -1; }
      if (how === "really") process.reallyExit(0);
      if (how === "forever") for (;;);
      if (how === "wait") {
        writeFileSync(own("began"), "");
        while (existsSync(own("hold"))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        return -1;
      }
      for (const all = [];;) all.push({ more: all.length, words: [1, 2, 3] });
    },
    free() {}, reallocate: () => -1, need: (bytes) => bytes, blockStart: (address) => address, blockLength: () => 8,
  }),
};
`;

/** All outcomes, in the order of the jobs, as JSON. */
export async function outcomesOf(engine: Engine, jobs: readonly PlannedJob[]): Promise<string> {
  return JSON.stringify(await sweep(jobs, new Store(), engine));
}

export const messagesOf = async (engine: Engine, jobs: readonly PlannedJob[]): Promise<string[]> =>
  (await sweep(jobs, new Store(), engine)).failures.map(({ message }) => message);

/** Names of policies whose figures are to be equal everywhere. */
const POLICIES = ["first-fit", "tlsf", "glibc", "mark-compact"];

/** `make` is called once, before the first test. */
export function engineContract(name: string, make: (work: Work) => Promise<Engine> | Engine): void {
  describe(`the engine ${name}`, () => {
    let work: Work;
    let engine: Engine;
    beforeAll(async () => {
      work = new Work();
      engine = await make(work);
    });
    afterAll(async () => {
      await engine?.close();
      work.remove();
    });

    it("comes to what a single thread comes to, to the byte", async () => {
      const inputs = ["small.trace", "workload:linked-list:length=30,steps=200"];
      const jobs = await work.jobs(inputs, POLICIES, ["1.5x", "64KiB"]);
      expect(jobs).toHaveLength(2 * POLICIES.length * 2);
      expect(await outcomesOf(engine, jobs)).toBe(await outcomesOf(inProcess(), jobs));
    });

    it("tells each outcome once, and the same when it is asked again", async () => {
      const jobs = await work.jobs(["small.trace"], ["first-fit", "tlsf"], ["64", "96", "128"]);
      const told: string[] = [];
      const took = ({ id }: Outcome) => told.push(id);
      await Promise.all([engine.run(jobs, { took }), engine.run(jobs, { took })]);
      expect(told.sort()).toEqual([...jobs, ...jobs].map(({ id }) => id).sort());
    });

    it("leaves nothing on the signal of one run for the next", async () => {
      const { signal } = new AbortController();
      const jobs = await work.jobs(["small.trace"], ["bump"], ["64"]);
      for (let round = 0; round < 2; round++) await engine.run(jobs, { took() {}, signal });
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });

    it("names what fails, and does the rest", async () => {
      const jobs = await work.jobs(
        ["corrupt.trace", "small.trace"],
        ["faulty.mjs", "umm", "first-fit"],
        ["grow"],
      );
      const { cells, failures } = await sweep(jobs, new Store(), engine);
      expect(cells).toMatchObject([{ input: work.file("small.trace"), policy: "first-fit" }]);
      const corrupt = `${work.file("corrupt.trace")}:2: free of object 9, which is not live (it was never allocated): "f 9"`;
      expect(failures.map(({ message }) => message)).toEqual([
        corrupt,
        corrupt,
        corrupt,
        "faulty: event 0: out of ideas (line 9)",
        "umm: policy umm manages an arena of fixed size and cannot do with a heap that grows: give it one as in --heap 64KiB, or 1.5x the peak",
      ]);
    });

    it("does not take another file for the one that was planned with", async () => {
      work.write("changed.trace", "a 1 16\n");
      work.write("faulty-changed.mjs", FAULTY);
      const jobs = await work.jobs(["changed.trace", "small.trace"], ["first-fit", "faulty-changed.mjs"]);
      work.write("changed.trace", "a 1 24\n");
      work.write("faulty-changed.mjs", FAULTY.replace("ideas", "luck"));
      const messages = await messagesOf(engine, jobs);
      expect(messages).toHaveLength(3);
      for (const message of messages)
        expect(message).toMatch(
          /changed\.(trace|mjs): it is not the file that was planned with: its SHA-256 is/,
        );
    });

    it("ends with the reason of whoever cancels it, tells no more, and can do the rest later", async () => {
      const heaps = Array.from({ length: 12 }, (_, i) => String(64 * (i + 1)));
      const jobs = await work.jobs(["workload:random:steps=500,live=50"], ["first-fit"], heaps);
      const store = new Store();
      const cancel = new AbortController();
      const reason = new Error("enough");
      let told = 0;
      const cancelled = engine.run(jobs, {
        signal: cancel.signal,
        took(outcome) {
          told++;
          store.add(outcome);
          cancel.abort(reason);
        },
      });
      await expect(cancelled).rejects.toBe(reason);
      expect(told).toBe(1);
      expect((await sweep(jobs, store, engine)).cells).toHaveLength(jobs.length);
      expect(told).toBe(1);
      await expect(engine.run(jobs, { signal: cancel.signal, took: () => {} })).rejects.toBe(reason);
    });

    it("has nothing to do without jobs", async () => {
      await engine.run([], { took: () => expect.unreachable() });
    });
  });
}
