import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdirSync, renameSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { cells } from "../../../src/engine/run-cells.ts";
import type { Engine, Outcome } from "../../../src/engine/sweep/engine.ts";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { planOf } from "../../../src/engine/sweep/plan.ts";
import { onRedis } from "../../../src/engine/sweep/redis.ts";
import { workOn } from "../../../src/engine/sweep/redis-worker.ts";
import { Store } from "../../../src/engine/sweep/store.ts";
import { sweep } from "../../../src/engine/sweep/sweep.ts";
import { MAIN } from "../../cli/heapscape.ts";
import { engineContract, messagesOf, outcomesOf, Work } from "./engine-contract.ts";
import { RedisServer, withoutRedis } from "./redis-server.ts";

/** Of the workers that are processes. */
const VERSION = manifest.version;
const LOCK = 400;
const LOOK = 200;

if (withoutRedis)
  describe.skip(`the engine bullmq: ${withoutRedis}`, () => it("is tested where there is one"));
else {
  const redis = new RedisServer();
  beforeAll(async () => {
    await redis.start();
  });
  afterAll(() => redis.stop());

  engineContract("bullmq", async () => {
    const worker = await workOn({ url: redis.url, version: "contract", threads: 2, lock: LOCK });
    const engine = onRedis({ url: redis.url, version: "contract", lookAfter: LOOK });
    return {
      run: engine.run,
      async close() {
        await engine.close();
        await worker.close();
      },
    };
  });

  describe("a queue", () => {
    let work: Work;
    let opened: { close(): Promise<void> }[] = [];
    beforeEach(() => {
      work = new Work();
      opened = [];
    });
    afterEach(async () => {
      for (const each of opened.reverse()) await each.close();
      work.remove();
    });

    /** Each test has a queue of its own. */
    const engineFor = (version: string, tell?: (message: string) => void): Engine => {
      const engine = onRedis({ url: redis.url, version, lookAfter: LOOK, ...(tell && { tell }) });
      opened.push(engine);
      return engine;
    };
    const workerFor = async (
      version: string,
      more: { files?: string; did?: (outcome: Outcome) => void } = {},
    ) => {
      const worker = await workOn({ url: redis.url, version, threads: 1, lock: LOCK, ...more });
      opened.push(worker);
      return worker;
    };

    const WAITS = "faulty.mjs:how=wait";

    it("gives the job of a killed worker to another one", async () => {
      const jobs = await work.jobs(["small.trace"], [WAITS, "first-fit"]);
      const { began, release } = work.hold();
      const told: string[] = [];
      const result = sweep(
        jobs,
        new Store(),
        engineFor(VERSION, (message) => told.push(message)),
      );
      const args = ["worker", "--redis", redis.url, "--jobs", "1", "--lock", String(LOCK)];
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
      await began;
      child.kill("SIGKILL");
      await once(child, "exit");
      release();
      await workerFor(VERSION);
      expect(await result).toMatchObject({
        cells: [{ policy: "faulty" }, { policy: "first-fit" }],
        failures: [],
      });
      expect(told).toEqual([
        `nobody works on it yet; on each machine run: heapscape worker --redis ${redis.url}`,
      ]);
    });

    it("names a job that loses its worker each time", async () => {
      const jobs = await work.jobs(["small.trace"], [WAITS], ["4x"]);
      const messages = messagesOf(engineFor(VERSION), jobs);
      const args = ["worker", "--redis", redis.url, "--jobs", "1", "--lock", "100"];
      for (let lost = 0; lost < 3; lost++) {
        const { began } = work.hold();
        const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
        await began;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await workerFor(VERSION);
      expect(await messages).toEqual([
        `${work.file(WAITS)}: its worker was lost each time that it was tried`,
      ]);
    });

    it("does what two ask for once, and keeps it for a third", async () => {
      const jobs = await work.jobs(["small.trace"], ["first-fit", "tlsf"], ["64", "128", "256"]);
      const did: string[] = [];
      const worker = await workerFor("twice", { did: ({ id }) => did.push(id) });
      const [one, two] = [engineFor("twice"), engineFor("twice")].map((engine) => outcomesOf(engine, jobs));
      expect(await one).toBe(await two);
      await worker.close();
      expect(await outcomesOf(engineFor("twice"), jobs)).toBe(await one);
      expect(did.sort()).toEqual(jobs.map(({ id }) => id).sort());
    });

    it("is rid of what is cancelled, and nobody has begun", async () => {
      const jobs = await work.jobs(["small.trace"], ["first-fit", "tlsf", "buddy"], ["64", "128"]);
      const cancel = new AbortController();
      const took = () => expect.unreachable();
      const tell = () => cancel.abort(new Error("enough"));
      const engine = engineFor("cancelled", tell);
      await expect(engine.run(jobs, { took, signal: cancel.signal })).rejects.toThrow("enough");
      const did: string[] = [];
      await workerFor("cancelled", { did: ({ id }) => did.push(id) });
      await outcomesOf(engineFor("cancelled"), [jobs[2]]);
      expect(did).toEqual([jobs[2].id]);
    });

    it("asks again for what a server that was started anew knows nothing of", async () => {
      const jobs = await work.jobs(["small.trace"], [WAITS, "first-fit", "tlsf"], ["64", "128"]);
      const { began, release } = work.hold();
      const told: string[] = [];
      await workerFor("restart");
      const outcomes = outcomesOf(
        engineFor("restart", (message) => told.push(message)),
        jobs,
      );
      await began;
      await redis.stop();
      await redis.start();
      release();
      expect(await outcomes).toBe(await outcomesOf(inProcess(), jobs));
      expect(told).toEqual([`the connection to ${redis.url} was lost; the sweep goes on when it is back`]);
    });

    it("ends what it is at for too long, where the sweep has a limit", async () => {
      const jobs = await work.jobs(["small.trace"], ["faulty.mjs:how=forever", "first-fit"]);
      await workerFor("forever");
      const engine = onRedis({ url: redis.url, version: "forever", lookAfter: LOOK, timeout: 2 });
      opened.push(engine);
      expect(await messagesOf(engine, jobs)).toEqual([
        `${jobs[0].policy}: it was not done after 2 s, and was ended`,
      ]);
    });

    it("ends with what was thrown at an outcome", async () => {
      const jobs = await work.jobs(["small.trace"], ["first-fit", "tlsf"]);
      await workerFor("thrown");
      let told = 0;
      const took = (): never => {
        told++;
        throw new Error("no space left");
      };
      await expect(engineFor("thrown").run(jobs, { took })).rejects.toThrow("no space left");
      expect(told).toBe(1);
    });

    it("is given up at once by who cancels while the server is away", { timeout: 20_000 }, async () => {
      const jobs = await work.jobs(["small.trace"], ["first-fit"]);
      const cancel = new AbortController();
      const told = new EventEmitter();
      const [waits, lost] = [once(told, "nobody"), once(told, "the connection")];
      const engine = engineFor("away", (message) => told.emit(/nobody|the connection/.exec(message)![0]));
      const run = engine.run(jobs, { took: () => {}, signal: cancel.signal });
      const ended = expect(run).rejects.toThrow("enough");
      await waits;
      await redis.stop();
      await lost;
      try {
        const start = performance.now();
        cancel.abort(new Error("enough"));
        await ended;
        await engine.close();
        expect(performance.now() - start).toBeLessThan(10_000);
      } finally {
        await redis.start();
      }
    });

    it("finds traces and policies by name where the worker has them, and speaks of them as the sweep does", async () => {
      const jobs = await work.jobs(["small.trace", "corrupt.trace"], ["faulty.mjs", "first-fit"]);
      const there = await outcomesOf(inProcess(), jobs);
      mkdirSync(work.file("elsewhere"));
      for (const name of ["small.trace", "corrupt.trace", "faulty.mjs"])
        renameSync(work.file(name), work.file(`elsewhere/${name}`));
      await workerFor("files", { files: work.file("elsewhere") });
      expect(await outcomesOf(engineFor("files"), jobs)).toBe(there);
    });

    it.each([
      ["redis://127.0.0.1:1", /^redis:\/\/127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1$/],
      ["127.0.0.1", /^"127\.0\.0\.1" is no address of Redis; write redis:\/\/HOST:PORT$/],
    ])("says what is wrong with %s", async (url, message) => {
      const engine = onRedis({ url, version: "none" });
      const jobs = await planOf("none", cells(["workload:random"], ["tlsf"], ["64"]));
      await expect(engine.run(jobs.jobs, { took: () => {} })).rejects.toThrow(message);
    });
  });
}
