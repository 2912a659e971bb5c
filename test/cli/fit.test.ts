import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Folder, SMALL } from "./heapscape.ts";

/** 112 bytes live at most; first fit without headers needs 128, where the 64 lie behind both of 16. */
const SPLIT = "a 1 16\na 2 32\na 3 16\nf 2\na 4 64\nf 1\nf 3\nf 4\n";

describe("heapscape fit", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({ "small.trace": SMALL, "split.trace": SPLIT });
  });
  afterAll(() => folder.remove());

  const heapscapeFit = (...args: string[]) => folder.heapscape("fit", ...args);

  it("prints the run on the smallest heap, and how it was found", async () => {
    const { status, stdout } = await heapscapeFit("split.trace", "-a", "first-fit:header=0");
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "split.trace  8 events

      policy               heap  peak live  peak heap  ext. frag    max  int. frag  refused
      first-fit:header=0  128 B       96 B      128 B       4.2%  33.3%       0.0%        0

      first-fit:header=0 refuses nothing in 128 bytes, 1.333 times the peak of live bytes, and something in 8 less; of 21 heaps that were tried every one from 128 bytes on refuses nothing.
      "
    `);
  });

  it("has the same in JSON, as a cell of a run with its fit", async () => {
    const args = ["split.trace", "-a", "first-fit:header=0"];
    const { stdout } = await heapscapeFit(...args, "--reporter", "json");
    const { stdout: schema } = await folder.heapscape("schema", "result");
    const result = JSON.parse(stdout);
    expect(() => z.fromJSONSchema(JSON.parse(schema)).parse(result)).not.toThrow();
    for (const { heap, fit, ...cell } of result.cells) {
      expect(fit).toEqual({ granule: 8, probes: expect.any(Number), safeHeap: 128, overLive: 128 / 96 });
      const run = await folder.heapscape(
        ...[
          "run",
          "split.trace",
          "-a",
          `${cell.policy}:header=0`,
          "--heap",
          String(heap),
          "--reporter",
          "json",
        ],
      );
      expect(JSON.parse(run.stdout).cells).toEqual([{ heap, ...cell }]);
      expect(cell.metrics.refusals).toBe(0);
    }
    const less = await folder.heapscape("run", "split.trace", "-a", "first-fit:header=0", "--heap", "120");
    expect(less.stdout).toContain("first refused event 4");
  });

  it("tells heaps apart by a granule of one's own", async () => {
    const { stdout } = await heapscapeFit("split.trace", "-a", "first-fit:header=0", "--granule", "48");
    expect(stdout).toContain(
      "refuses nothing in 144 bytes, 1.500 times the peak of live bytes, and something in 48 less",
    );
    const odd = await heapscapeFit("split.trace", "-a", "first-fit", "--granule", "12");
    expect([odd.status, odd.stderr]).toEqual([
      2,
      "heapscape: first-fit: the granule is 12 bytes; it must be a multiple of the policy's own, 8\n",
    ]);
    expect((await heapscapeFit("split.trace", "-a", "first-fit", "--granule", "x")).stderr).toContain(
      'the granule is "x"',
    );
  });

  it("ends with 3 where no heap will do, and says what is refused in the largest", async () => {
    const { status, stderr } = await heapscapeFit("small.trace", "-a", "pool:pools=16x4");
    expect([status, stderr]).toEqual([
      3,
      "heapscape: small.trace: pool:pools=16x4: no heap of up to 1 MiB will do: event 1 asks for 24 bytes (policy)\n",
    ]);
  });
});
