/** heap_4 against TLSF as the heap grows: a linear search and one that takes the head of a list. */
import type { Policy } from "../../allocators/contract.ts";
import { html } from "../markup.ts";
import { type Cost, SIZES, workloadOf } from "./cost.ts";
import { threeDigits, whole } from "./figures.ts";
import { COST, type Page } from "./frame.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { fileOf } from "./policy-page.ts";

export function costPage(costs: readonly Cost[]): Page {
  const [linear, constant] = costs;
  const last = SIZES.length - 1;
  const chart: Omit<LineChart, "width" | "height"> = {
    title: "searchSteps for each request against live blocks; the table below has the same figures",
    xs: SIZES,
    xTitle: "live blocks",
    yTitle: "searchSteps for each request",
    lines: costs.map(({ policy, steps }, i) => ({
      name: policy,
      className: ["line-linear", "line-constant"][i] ?? "line-other",
      ys: steps,
    })),
  };
  const short = costs.filter(({ steps }) => steps.includes(undefined));
  return {
    file: COST,
    title: "Cost of a search",
    about:
      "Blocks that an allocator looks at to place one request, as the heap grows: FreeRTOS heap_4 against TLSF.",
    body: html`<h1>What a search costs as the heap grows</h1>
<p class="lead">${linear.policy} looks at ${rounded(linear.steps[0])} blocks to place a request among ${whole(SIZES[0])} live ones, and at
${rounded(linear.steps[last])} among ${whole(SIZES[last])}. ${constant.policy} looks at ${rounded(constant.steps[last])}, however many there are.</p>
<figure>
${lineChart({ ...chart, width: 760, height: 400 })}${lineChart({ ...chart, width: 340, height: 320 })}</figure>
<p>In its steady state a heap has at most about half as many holes as live blocks, fewer the more requests fit exactly (the
fifty-percent rule: Knuth, The Art of Computer Programming vol. 1, section 2.5). A search along a list passes a share of
them, so it grows with the heap: a straight climb on these two logarithmic axes. Where every block of a size class is long
enough, there is nothing to search.</p>
<section>
<h2>The figures</h2>
<table class="stacks grid">
<thead><tr><th scope="col">Live blocks</th>${SIZES.map((live) => html`<th scope="col" class="value">${whole(live)}</th>`)}</tr></thead>
<tbody>
${costs.map(({ policy, steps }) => html`<tr><th scope="row"><a href="${fileOf({ name: policy } as Policy)}"><code>${policy}</code></a></th>${steps.map((value, i) => html`<td class="value" data-name="${whole(SIZES[i])}">${value === undefined ? "–" : threeDigits(value)}</td>`)}</tr>\n`)}</tbody>
</table>
${short.length > 0 ? html`<p class="note">–: ${short.map(({ policy }) => policy).join(", ")} cannot hold so many blocks, however large the arena.</p>` : ""}
</section>
<section>
<h2>How it was measured</h2>
<p>Replayed when this page was built: <code>workload:${workloadOf(SIZES[0])}</code>, and so on. Objects of 8 to 64 bytes, each size
alike; random ones die, and the requests behind the first N deaths are counted. Every arena has eight times the room that the
objects ask for. What a step is, the page of each policy says.</p>
</section>
`,
  };
}

const rounded = (steps: number | undefined): string => whole(Math.round(steps ?? 0));
