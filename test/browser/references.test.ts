import { expect, it } from "vitest";
import { heapBytes } from "../../src/options/heap.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace, WORKLOADS } from "../../src/workloads/registry.ts";
import { drawn as drawnSnapshot, written } from "../traces/snapshots.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, drop, seekTo, words } from "./heap-page.ts";

const call = "binary-trees:depth=6";

describeInBrowser("a trace with references", (browser) => {
  it("opens on its first collection, with what it cost, and plays its moves", async () => {
    const trace = generateTrace(call, 1);
    const heap = heapBytes("2x", trace.peakLiveBytes);
    const { recording } = replay(trace, { ...choosePolicy("mark-compact"), heap });
    const [first] = recording.collections;
    expect(first.reclaimed).toBeGreaterThan(10);
    const { page, problems } = await browser.open(
      `#workload=${call}&policy=mark-compact&policy=first-fit&heap=2x&seed=1`,
    );
    await drawn(page, first.event + 1);
    const caption = await words(page, ".lane-A .caption");
    const grouped = (n: number) => n.toLocaleString("en");
    expect(caption).toContain(`Compaction: ${grouped(first.moves)} objects moved`);
    expect(caption).toContain(`${grouped(first.reclaimed)} dead blocks given back.`);
    expect(caption).toContain(`${grouped(first.touchedWords)} words touched`);
    await page.getByRole("button", { name: "Before" }).click();
    await expect.poll(() => words(page, ".moves-done")).toBe(`0 of ${grouped(first.moves)}`);
    expect(await words(page, ".lane-B .caption")).not.toContain("Collection");
    expect(problems).toEqual([]);
  });

  it("says what each event does that has to do with them", async () => {
    const { page, problems } = await browser.open(
      "#workload=sawtooth&policy=mark-compact&policy=first-fit&heap=1.5x",
    );
    await drawn(page);
    await drop(
      page,
      "graph.trace",
      "a 3 16 2\na 4 16\no 3\ns 3 1 4\ns 3 1 -1\n+ 4\n- 4\ng\ns 3 0 4\nx 3\ny\np\n",
    );
    await expect.poll(() => words(page, "h1")).toBe("graph.trace");
    const said: string[] = [];
    for (let event = 3; event <= 12; event++) {
      await seekTo(page, event);
      said.push((await words(page, ".lane-A .caption")).replace(/^Event \d+ | Cost: .*/g, ""));
      expect(await words(page, ".lane-B .caption")).toContain("an allocator knows no references");
    }
    expect(said).toMatchInlineSnapshot(`
      [
        "root: the program holds on to object 3 at 0x0000, and so to all that it reaches.",
        "store: field 1 of object 3 at 0x0000 refers to object 4 from now on.",
        "store: field 1 of object 3 at 0x0000 refers to nothing from now on.",
        "pin: object 4 at 0x0020 must stay where it is.",
        "unpin: object 4 at 0x0020 may be moved again.",
        "full collection: the program asks for it. Collection: nothing had to move; 1 dead block given back.",
        "store: object 3, or what it is to refer to, was refused or reclaimed before, so there is nothing to do.",
        "unroot: the program lets go of object 3 at 0x0000.",
        "young collection: the program asks for it. Collection: nothing had to move; 1 dead block given back.",
        "print: a mark in the trace; nothing happens.",
      ]
    `);
    expect(problems).toEqual([]);
  });

  it("may be a heap snapshot", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=mark-compact&heap=4x");
    await drawn(page);
    const nodes = ["1:0 3 7", "3:24 5", "5:16", "7:8 ~9", "9:40"];
    await drop(page, "small.heapsnapshot", written(drawnSnapshot({ nodes })));
    await expect.poll(() => words(page, "h1")).toBe("small.heapsnapshot");
    expect(await words(page, ".question .looks")).toContain("4 objects");
    expect(await words(page, ".question .looks")).toContain("Fidelity: derived.");
    await page.keyboard.press("End");
    await expect
      .poll(() => words(page, ".lane-A .caption"))
      .toContain("full collection: the program asks for it");
    expect(await words(page, ".lane-A .caption")).toContain("1 dead block given back");
    expect(problems).toEqual([]);
  });

  it("can be chosen from the workloads with references", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=mark-compact&heap=1.25x");
    await drawn(page);
    const group = page.locator('optgroup[label="Workloads with references"] option');
    expect(await group.allInnerTexts()).toEqual(
      WORKLOADS.filter(({ graph }) => graph).map(({ name }) => name),
    );
    await page.getByLabel("What is replayed").selectOption("workload binary-trees");
    await expect.poll(() => words(page, "h1")).toContain("binary-trees");
    await drawn(page);
    expect(await words(page, ".lane-A .caption")).toMatch(
      /(Compaction|Collection): .* dead blocks? given back/,
    );
    expect(problems).toEqual([]);
  });
});
