import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Folder, SMALL } from "./heapscape.ts";

/** First fit, which is told of the trace before it begins. */
const PLANNER = `
import { choosePolicy, definePolicy } from "heapscape";
const { policy, options } = choosePolicy("first-fit");
export default definePolicy({
  ...policy, name: "planner", options: {}, plans: true, granule: () => policy.granule(options),
  kernel: undefined, coalesces: () => "at once",
  create(space) {
    const fit = policy.create(space, options);
    let events = -1;
    const allocate = fit.allocate.bind(fit);
    fit.allocate = (...all) => (events === 6 ? allocate(...all) : -1);
    fit.prepare = (trace) => (events = trace.chunks[0].events);
    return fit;
  },
});
`;

describe("heapscape run --repeat", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({
      "small.trace": SMALL,
      "calm.trace": "a 1 16\nf 1\n",
      "leak.trace": "a 1 16\n",
      "planner.mjs": PLANNER,
    });
  });
  afterAll(() => folder.remove());

  const run = (input: string, ...more: string[]) =>
    folder.heapscape("run", input, "-a", "first-fit:header=0", ...more);
  const json = async (...args: Parameters<typeof run>) => {
    const { status, stdout } = await run(...args, "--reporter", "json");
    const { stdout: schema } = await folder.heapscape("schema", "result");
    const result = JSON.parse(stdout);
    expect(() => z.fromJSONSchema(JSON.parse(schema)).parse(result)).not.toThrow();
    return { status, cell: result.cells[0] };
  };

  it("says in which round the heap was too small", async () => {
    const { status, stdout } = await run("small.trace", "--heap", "128,2x", "--repeat", "until-refused");
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "small.trace  6 events a round

      policy              rounds   heap  peak live  peak heap  ext. frag    max  int. frag  refused  exhausted  fragmented  by policy  first at
      first-fit:header=0       5  128 B       96 B      128 B       4.1%  40.0%      28.9%        1          1           0          0        28
      first-fit:header=0       6  144 B      104 B      144 B       3.8%  40.0%      30.5%        1          1           0          0        34

      first-fit:header=0 in 128 B first refused event 28 (event 4 of round 5): 64 bytes were asked for; only 24 bytes were free.
      first-fit:header=0 in 144 B first refused event 34 (event 4 of round 6): 64 bytes were asked for; only 24 bytes were free.
      "
    `);
  });

  it("has its rounds in the JSON only when they were asked for", async () => {
    const { cell: plain } = await json("small.trace", "--heap", "64");
    expect(plain).not.toHaveProperty("repeat");
    const { cell: once } = await json("small.trace", "--heap", "64", "--repeat", "1");
    expect(once).toEqual({ ...plain, repeat: { rounds: 1, refusedInRound: 1 } });
    const { cell: thrice } = await json("small.trace", "--repeat", "3");
    expect(thrice.repeat).toEqual({ rounds: 3 });
    expect(thrice.traceHash).toBe(plain.traceHash);
    expect((await json("small.trace", "--repeat", "3")).cell).toEqual(thrice);
  });

  it("gives up after 10,000 rounds and says so", async () => {
    const told =
      "heapscape: leak.trace: first-fit:header=0: nothing was refused in 10000 rounds, the most that are run";
    const fixed = await run("leak.trace", "--heap", "1MiB", "--repeat", "until-refused");
    expect([fixed.status, fixed.stderr]).toEqual([0, `${told}\n`]);
    expect(fixed.stdout).toContain(
      "\nfirst-fit:header=0 in 1 MiB refused nothing in 10,000 rounds, the most that are run.\n",
    );
    const growing = await run("leak.trace", "--repeat", "until-refused");
    expect(growing.stderr).toBe(`${told}; the heap grows, give it a size with --heap\n`);
    const { status, cell } = await json("leak.trace", "--heap", "1MiB", "--repeat", "until-refused");
    expect([status, cell.repeat]).toEqual([0, { rounds: 10_000, untilRefused: true, capped: true }]);
  });

  it("ends in the steady state, and says when that began", async () => {
    const { status, stdout, stderr } = await run("calm.trace", "--heap", "64", "--repeat", "until-refused");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(
      "\nfirst-fit:header=0 in 64 B refused nothing in 101 rounds; from round 1 on each left the heap as the one before had, block for block.\n",
    );
    const { cell } = await json("calm.trace", "--heap", "64", "--repeat", "until-refused");
    expect(cell.repeat).toEqual({ rounds: 101, untilRefused: true, steadyFrom: 1 });
  });

  it("refuses a policy that plans for a whole trace, which it is told of", async () => {
    const plan = (...more: string[]) =>
      folder.heapscape("run", "small.trace", "-a", "planner.mjs", "--heap", "200", ...more);
    const { status, stdout } = await plan("--reporter", "json");
    expect([status, JSON.parse(stdout).cells[0].metrics.refusals]).toEqual([0, 0]);
    const twice = await plan("--repeat", "2");
    expect([twice.status, twice.stderr]).toEqual([
      3,
      "heapscape: small.trace: planner: it plans for one whole trace, which cannot be repeated\n",
    ]);
  });
});
