import { describe, expect, it } from "vitest";
import { markdown, markdownOf } from "../../src/report/markdown.ts";
import { CHECKED, cell, EMPTY, FAILED, PLAIN, worse } from "./reports.ts";

const bytes = (text: string): number => Buffer.byteLength(text);

describe("the Markdown report", () => {
  it("has the findings, worst first, in a table and in words, and the cells folded away", () => {
    expect(markdown.write(CHECKED, PLAIN)).toMatchInlineSnapshot(`
      "### Heapscape

      4 cells compared with heapscape.baseline.json (version 1.2.2): 2 errors, 1 improvement; 1 is as before.

      | | cell | metric | was | is | change |
      |---|---|---|--:|--:|--:|
      | **error** | \`small.trace -a first-fit --heap 4KiB\` | \`externalFragmentation.max\` | 0.25 | 0.5 | +100% |
      | **error** | \`old.trace -a buddy --heap 1.5x\` | vanished |  |  |  |
      | **improvement** | \`small.trace -a best-fit --heap grow\` | \`refusals\` | 3 | 0 | -100% |

      <details><summary>In words, and how to see it</summary>

      - externalFragmentation.max of first-fit went from 0.25 to 0.5<br>\`heapscape serve small.trace\`
      - the baseline has a cell that is not there any more
      - refusals of best-fit went from 3 to 0<br>\`heapscape baseline update\`

      </details>

      <details><summary>3 cells</summary>

      | input | policy | heap | peak live | peak heap | ext. frag | max | refused |
      |---|---|--:|--:|--:|--:|--:|--:|
      | \`small.trace\` | \`first-fit\` | 4 KiB | 2 KiB | 2.93 KiB | 0.0% | 50.0% | 2 |
      | \`small.trace\` | \`best-fit\` | grows | 2 KiB | 2.93 KiB | 0.0% | 0.0% | 0 |
      | \`small.trace\` | \`tlsf\` | 4 KiB | 2 KiB | 2.93 KiB | 0.0% | 0.0% | 0 |

      </details>
      "
    `);
  });

  it("has the cells alone where nothing was compared", () => {
    expect(markdown.write({ ...CHECKED, verdict: undefined } as never, PLAIN)).toMatchInlineSnapshot(`
      "### Heapscape

      | input | policy | heap | peak live | peak heap | ext. frag | max | refused |
      |---|---|--:|--:|--:|--:|--:|--:|
      | \`small.trace\` | \`first-fit\` | 4 KiB | 2 KiB | 2.93 KiB | 0.0% | 50.0% | 2 |
      | \`small.trace\` | \`best-fit\` | grows | 2 KiB | 2.93 KiB | 0.0% | 0.0% | 0 |
      | \`small.trace\` | \`tlsf\` | 4 KiB | 2 KiB | 2.93 KiB | 0.0% | 0.0% | 0 |
      "
    `);
  });

  it("lets no name break a table, nor words be taken for markup", () => {
    expect(markdown.write(FAILED, PLAIN)).toMatchInlineSnapshot(`
      "### Heapscape

      - **failed** \`\`a,b "c"|<d>&%: \`e\`_*.trace\`\`: mine: event 3: 50% &#60;x&#62; lost
      "
    `);
    const written = markdown.write(
      { ...EMPTY, cells: [cell("a|b", "grow", {}, { input: "`x`\n|y" })] },
      PLAIN,
    );
    expect(written.split("\n").at(-2)).toBe(
      "| `` `x` \\|y `` | `a\\|b` | grows | 2 KiB | 2.93 KiB | 0.0% | 0.0% | 0 |",
    );
    expect(
      written
        .split("\n")
        .at(-2)!
        .match(/(?<!\\)\|/g),
    ).toHaveLength(9);
  });

  it("says little of an empty result", () => {
    expect(markdown.write(EMPTY, PLAIN)).toBe("### Heapscape\n");
  });

  it.each([1000, 5000, 65_536])("keeps to %i bytes, and says how much it left out", (most) => {
    const findings = Array.from({ length: 5000 }, (_, i) => ({ ...worse, cell: `é${i}` }));
    const cells = Array.from({ length: 5000 }, () => cell("first-fit", "grow", {}));
    const verdict = { findings, compared: 5000, same: 0, against: "x" };
    const written = markdownOf({ cells, failures: [], verdict }, most);
    expect(bytes(written)).toBeLessThanOrEqual(most);
    expect(bytes(written)).toBeGreaterThan(most / 2);
    const shown = written.match(/^\| \*\*error/gm)!.length;
    expect(written).toContain(
      `\n${(5000 - shown).toLocaleString("en")} findings more: there is no room for them here.\n`,
    );
  });

  it("is nothing where there is no room", () => {
    for (const most of [0, 10, 50]) expect(bytes(markdownOf(CHECKED, most))).toBeLessThanOrEqual(most);
  });
});
