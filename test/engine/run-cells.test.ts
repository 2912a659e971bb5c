import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cells, type Job, runCells } from "../../src/engine/run-cells.ts";

const TRACE = "a 1 16\na 2 24\nf 1\n# phase load\na 3 8\nr 2 64\nf 2\n";

describe("many cells", () => {
  let folder: string;
  let small: string;
  let plain: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "heapscape-cells-"));
    small = join(folder, "small.trace");
    plain = join(folder, "plain.trace");
    writeFileSync(small, TRACE);
    writeFileSync(plain, TRACE.replace("# phase load\n", ""));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (policies: string[], heaps: string[], more: Partial<Job> = {}, inputs = [small]) =>
    runCells(cells(inputs, policies, heaps).map((job) => ({ ...job, ...more })));
  const messageOf = (outcome: Promise<unknown>): Promise<string> =>
    outcome.then(
      () => "nothing was thrown",
      (error: Error) => error.message,
    );

  it.each([
    [["first-fit", "umm"], ["grow"], "umm, heap grow: policy umm manages an arena of fixed size"],
    [["first-fit"], ["1x", "9"], 'first-fit, heap 9: heap "9" is too small'],
    [
      ["first-fit", "pool:pools=16x100"],
      ["1KiB"],
      "pool:pools=16x100, heap 1KiB: policy pool: its pools take",
    ],
    [["first-fit"], ["64", "100GiB"], "first-fit, heap 100GiB: a heap of 107374182400 bytes is more than"],
    [["mark-compact:header=0,forwarding=0"], ["64"], "mark-compact:header=0,forwarding=0, heap 64: policy"],
  ])("names the cell before the first replay: %j on %j", async (policies, heaps, message) => {
    const told = await messageOf(run(policies, heaps));
    expect(told.startsWith(`${small}: ${message}`), told).toBe(true);
  });

  it("knows nothing of a trace when it says so", async () => {
    expect(await messageOf(run(["umm"], ["grow"], {}, ["gone.trace"]))).toMatch(
      /^gone\.trace: umm, heap grow/,
    );
  });

  it("keeps what happened on the way for who asks, and for nobody else", async () => {
    const jobs = cells([small], ["mark-compact"], ["200"]).map((job) => ({ ...job, from: "load" }));
    const [plainly] = (await runCells(jobs)).cells;
    const [kept] = (await runCells(jobs, { history: true })).cells;
    expect(plainly).not.toHaveProperty("history");
    expect({ ...kept, history: undefined }).toEqual({ ...plainly, history: undefined });
    const { series, collections } = kept.history!;
    const live = series.find(({ name }) => name === "liveBytes")!;
    expect([live.width, ...live.last]).toEqual([1, 32, 72, 8]);
    expect(collections).toEqual([]);
    expect(structuredClone(kept.history)).toEqual(kept.history);
  });

  it("refuses what is no number of rounds", async () => {
    for (const repeat of [0, -1, 1.5])
      expect(await messageOf(run(["first-fit"], ["64"], { repeat }))).toMatch(/ is no number of rounds$/);
  });

  it("loses a cell only, where its heap is known when its trace is", async () => {
    const { cells, failures } = await run(["pool:pools=16x100", "first-fit"], ["2x"]);
    expect(cells).toMatchObject([{ policy: "first-fit", heap: 144 }]);
    expect(failures).toEqual([
      {
        input: small,
        policy: "pool:pools=16x100",
        heap: 144,
        message: "pool:pools=16x100: policy pool: its pools take 1600 bytes, the arena has 144",
      },
    ]);
  });

  it("loses the cells of an input that has no such phase, in whatever order; all of them are an error", async () => {
    for (const inputs of [
      [small, plain],
      [plain, small],
    ]) {
      const { cells, failures } = await run(["first-fit"], ["64"], { from: "load" }, inputs);
      expect(cells).toMatchObject([{ input: small, from: 3 }]);
      expect(failures).toMatchObject([
        { input: plain, message: 'first-fit: there is no phase "load" (there are none)' },
      ]);
    }
    const none = messageOf(run(["first-fit"], ["64"], { from: "load" }, [plain]));
    expect(await none).toBe(`${plain}: there is no phase "load" (there are none)`);
  });

  it("gives the reason of the first refusal that counts, however many came before it", async () => {
    const many = join(folder, "many.trace");
    const refused = Array.from({ length: 150_000 }, (_, i) => `a ${i} 100\nf ${i}\n`).join("");
    writeFileSync(many, `${refused}# phase load\na 1 16\na 2 999\n`);
    const [cell] = (await run(["first-fit"], ["64"], { from: "load" }, [many])).cells;
    expect(cell.firstRefusal).toMatchObject({ event: 300_001, id: 2, bytes: 999 });
    expect(cell.metrics.firstRefusalEvent).toBe(300_001);
  });

  describe("of a trace in rounds", () => {
    it("are the same as without them, in one round", async () => {
      const [plainly] = (await run(["first-fit"], ["64"])).cells;
      const [once] = (await run(["first-fit"], ["64"], { repeat: 1 })).cells;
      expect(once).toEqual({ ...plainly, repeat: { rounds: 1, refusedInRound: 1 } });
    });

    it("leave what lives where it is, from round to round", async () => {
      const [cell] = (await run(["first-fit:header=0"], ["grow"], { repeat: 5 })).cells;
      expect(cell).toMatchObject({ events: 30, repeat: { rounds: 5 } });
      expect(cell.metrics).toMatchObject({
        liveBlocks: 5,
        liveBytes: 40,
        refusals: 0,
        peakLiveBytes: 4 * 8 + 72,
      });
    });

    it("end after the one in which a request was refused", async () => {
      const [until] = (await run(["first-fit:header=0"], ["200"], { repeat: "until-refused" })).cells;
      const rounds = until.repeat!.rounds;
      expect(rounds).toBeGreaterThan(2);
      expect(until.repeat).toEqual({ rounds, untilRefused: true, refusedInRound: rounds });
      expect(Math.floor(until.metrics.firstRefusalEvent / 6) + 1).toBe(rounds);
      expect(until.events).toBe(6 * rounds);
      const [fixed] = (await run(["first-fit:header=0"], ["200"], { repeat: rounds })).cells;
      expect(fixed).toEqual({ ...until, repeat: { rounds, refusedInRound: rounds } });
      const [fewer] = (await run(["first-fit:header=0"], ["200"], { repeat: rounds - 1 })).cells;
      expect(fewer.metrics.refusals).toBe(0);
      expect(fewer.recordingHash).not.toBe(until.recordingHash);
      expect(fewer.traceHash).toBe(until.traceHash);
    });

    it("measure a heap of 1.5x by one round", async () => {
      const [cell] = (await run(["first-fit"], ["1.5x"], { repeat: 3 })).cells;
      expect(cell.heap).toBe(112);
    });

    it("end with the 10,000th where nothing is refused, and say so", async () => {
      const leak = join(folder, "leak.trace");
      writeFileSync(leak, "a 1 16\n");
      const [cell] = (await run(["first-fit"], ["1MiB"], { repeat: "until-refused" }, [leak])).cells;
      expect(cell).toMatchObject({ events: 10_000, repeat: { rounds: 10_000, capped: true } });
    });

    it("count from an event of a later one on, and wait for a refusal that counts", async () => {
      const [cell] = (await run(["first-fit:header=0"], ["200"], { repeat: 40, from: "200" })).cells;
      expect(cell.metrics.firstRefusalEvent).toBeGreaterThanOrEqual(200);
      expect(cell.repeat?.refusedInRound).toBe(Math.floor(cell.metrics.firstRefusalEvent / 6) + 1);
      expect(await messageOf(run(["first-fit"], ["200"], { repeat: 2, from: "12" }))).toBe(
        `${small}: there is no event 12; the last one is 11`,
      );
    });

    it("are the cell's loss where they are more than a replay counts", async () => {
      const { failures } = await run(["first-fit"], ["64"], { repeat: 2 ** 30 });
      expect(failures).toMatchObject([
        { message: "first-fit: 1073741824 rounds of 6 events are more than 2147483647 events" },
      ]);
    });

    it("tell how far they are", async () => {
      const seen: unknown[] = [];
      const [job] = cells([small], ["first-fit:header=0"], ["200"]);
      await runCells([{ ...job, repeat: 2 }], { progress: (...told) => seen.push(told) });
      expect(seen).toEqual([
        [0, 0],
        [0, 0.5, undefined],
        [0, 1, undefined],
      ]);
      seen.length = 0;
      await runCells([{ ...job, repeat: "until-refused" }], { progress: (...told) => seen.push(told) });
      expect(seen.slice(0, 3)).toEqual([
        [0, 0],
        [0, 1, 1],
        [0, 1, 2],
      ]);
    });
  });
});
