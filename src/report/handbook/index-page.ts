/** All policies, a table for each family. */
import type { Policy } from "../../allocators/contract.ts";
import { html } from "../markup.ts";
import { COST, INDEX, type Page } from "./frame.ts";
import { type MeasuredMatch, matchInWords } from "./measured-match.ts";
import { anchorOf, fileOf, titled } from "./policy-page.ts";

export function indexPage(policies: readonly Policy[], matches: MeasuredMatch): Page {
  const families = [...new Set(policies.map(({ family }) => family))];
  const tables = families.map((family) => {
    const rows = policies
      .filter((policy) => policy.family === family)
      .map(
        (policy) =>
          html`<tr><th scope="row"><a href="${fileOf(policy)}"><code>${policy.name}</code></a></th><td>${policy.summary}</td><td class="match" data-name="Match">${matchInWords(policy, matches)}</td></tr>\n`,
      );
    return html`<section>
<h2 id="${anchorOf(family)}">${titled(family)}</h2>
<table class="stacks policies">
<thead><tr><th scope="col">Policy</th><th scope="col">What it does</th><th scope="col">Measured match</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
</section>
`;
  });
  return {
    file: INDEX,
    title: "Handbook of policies",
    about:
      "Every allocator and collector that Heapscape models: whose it is, how it works, and how well it was measured.",
    body: html`<h1>Handbook of policies</h1>
<p class="lead">Every allocator and collector that Heapscape replays: whose it is and who uses it, how it keeps and chooses free
memory, what it can cost at worst, and how closely the model repeats the real one.</p>
<p>The measured match counts tables: recorded runs of the real allocator, of which the model repeats every address. A policy
without a recording is a textbook algorithm. What a search costs as the heap grows has <a href="${COST}">a page of its own</a>.</p>
${tables}`,
  };
}
