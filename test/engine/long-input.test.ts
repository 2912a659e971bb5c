import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cells, runCells } from "../../src/engine/run-cells.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import { writeText } from "../../src/traces/text-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "heapscape-long-"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = [...writeText(mixedTrace({ events: 20_000, seed: 3, live: 300 }))]
  .map((piece) => new TextDecoder().decode(piece))
  .join("");
const short = join(folder, "short.trace");
const long = join(folder, "long.trace");
writeFileSync(short, text);
/** The same events behind more than 32 MiB of comments. */
writeFileSync(long, `${`# ${"-".repeat(1000)}\n`.repeat(34 * 1024)}${text}`);

const figuresOf = async (input: string, settings = {}, policies = ["tlsf", "first-fit"]) => {
  const jobs = cells([input], policies, ["1.5x", "64KiB"]).map((job) => ({
    ...job,
    ...settings,
  }));
  const { cells: done, failures } = await runCells(jobs);
  return { failures, done: done.map(({ input: _, ...rest }) => rest) };
};

it("replays a long file as it is read, with the same figures", async () => {
  expect(await figuresOf(long)).toEqual(await figuresOf(short));
  expect(await figuresOf(long, { from: "12000" })).toEqual(await figuresOf(short, { from: "12000" }));
});

it("tells a policy how many events there will be, though it keeps none of them", async () => {
  const [streamed, held] = await Promise.all(
    [long, short].map((input) => figuresOf(input, {}, ["hotspot-serial"])),
  );
  expect(streamed).toEqual(held);
  const { done } = await figuresOf(short, {}, ["hotspot-serial:from=s1"]);
  expect(done[1].recordingHash).not.toBe(held.done[1].recordingHash);
});

it("tells its progress, and ends with a signal", async () => {
  const cancel = new AbortController();
  const shares: number[] = [];
  const run = runCells(cells([long], ["tlsf"], ["1.5x"]), {
    signal: cancel.signal,
    progress: (_, share) => {
      shares.push(share);
      if (share > 0) cancel.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  expect(shares.at(-1)).toBeGreaterThan(0);
});

it("says what is wrong with a long file before it replays anything", async () => {
  const bad = join(folder, "bad.trace");
  writeFileSync(bad, `${`# ${"-".repeat(1000)}\n`.repeat(34 * 1024)}a 1 8\nf 2\n`);
  await expect(runCells(cells([bad], ["tlsf"], ["1.5x"]))).rejects.toThrow(
    /bad\.trace:34818: free of object 2/,
  );
});
