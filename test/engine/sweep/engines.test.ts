import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { inThreads } from "../../../src/engine/sweep/threads.ts";
import { engineContract, messagesOf, Work } from "./engine-contract.ts";

engineContract("in-process", () => inProcess());
engineContract("threads", () => inThreads({ threads: 2 }));

describe("a thread", () => {
  const engine = inThreads({ threads: 1, objectMiB: 32 });
  let work: Work;
  beforeAll(() => {
    work = new Work();
  });
  afterAll(async () => {
    await engine.close();
    work.remove();
  });

  it("that runs out of memory is the cell's failure, and is replaced", async () => {
    const jobs = await work.jobs(["small.trace"], ["faulty.mjs:how=memory", "first-fit"]);
    expect(await messagesOf(engine, jobs)).toEqual([
      `${work.file("faulty.mjs")}:how=memory: its thread ran out of memory`,
    ]);
  });

  it("that just ends is the cell's failure, and is replaced", async () => {
    const jobs = await work.jobs(["small.trace"], ["faulty.mjs:how=really", "first-fit", "tlsf"]);
    expect(await messagesOf(engine, jobs)).toEqual([
      `${work.file("faulty.mjs")}:how=really: its thread crashed: it was ended from within`,
    ]);
  });

  it("that is at it for too long is replaced; those that waited for it have their time", async () => {
    const limited = inThreads({ threads: 1, timeout: 2 });
    try {
      const jobs = await work.jobs(["small.trace"], ["faulty.mjs:how=forever", "first-fit", "tlsf"]);
      expect(await messagesOf(limited, jobs)).toEqual([
        `${work.file("faulty.mjs")}:how=forever: it was not done after 2 s, and was ended`,
      ]);
    } finally {
      await limited.close();
    }
  });

  it("that a policy would end, and one in which it throws later, are the cell's failure", async () => {
    const jobs = await work.jobs(
      ["small.trace"],
      ["faulty.mjs:how=exit", "faulty.mjs:how=later", "first-fit"],
    );
    expect(await messagesOf(engine, jobs)).toEqual([
      "faulty:how=exit: event 0: it ends the process, with 0 (line 10)",
      `${work.file("faulty.mjs")}:how=later: it threw outside of the replay: too late`,
    ]);
  });
});
