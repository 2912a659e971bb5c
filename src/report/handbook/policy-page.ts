/** A policy's page: everything that its registry entry says about it, and how well its model was measured to be. */
import type { Collecting, Facts, Policy } from "../../allocators/contract.ts";
import type { IntegerOption, OptionSpec } from "../../options/options.ts";
import { formatSize, parseSize } from "../../options/size.ts";
import { type Html, html, type Piece } from "../markup.ts";
import { COMPARED } from "./cost.ts";
import { whole } from "./figures.ts";
import { COST, HEAPSCAPE, INDEX, type Page } from "./frame.ts";
import { type MeasuredMatch, matchesOf } from "./measured-match.ts";

/** The facts' names, in the order of the page. */
export const FACTS: Readonly<Record<keyof Facts, string>> = {
  author: "Whose",
  ships: "Used by",
  header: "Header",
  alignment: "Alignment",
  order: "Order",
  coalescing: "Coalescing",
  bound: "Worst case",
  steps: "searchSteps",
};

export const COLLECTING: Readonly<Record<keyof Collecting, string>> = {
  passes: "Passes after marking",
  extra: "Extra space",
  order: "Order of survivors",
};

/** What the page's example replays: short, and every policy of the registry manages it in 64 KiB. */
export const EXAMPLE = { workload: "random", heap: "64KiB" } as const;

export const fileOf = ({ name }: Pick<Policy, "name">): string => `${name}.html`;
export const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const anchorOf = (family: string): string => family.replace(/\W+/g, "-");

/** The policy that another one is shown beside. */
const besideOf = ({ name }: Policy): string => (name === "first-fit" ? "best-fit" : "first-fit");

export const commandOf = (policy: Policy): string =>
  `npx heapscape run workload:${EXAMPLE.workload} -a ${policy.name} -a ${besideOf(policy)} --heap ${EXAMPLE.heap}`;

export const placeOf = (policy: Policy): string =>
  `#workload=${EXAMPLE.workload}&policy=${policy.name}&policy=${besideOf(policy)}&heap=${EXAMPLE.heap}`;

export function policyPage(policy: Policy, matches: MeasuredMatch): Page {
  const { name, family, summary, source, departs, reasons, facts, collecting } = policy;
  return {
    file: fileOf(policy),
    title: name,
    about: `${name}: ${summary}`,
    body: html`<p class="trail"><a href="${INDEX}#${anchorOf(family)}">${titled(family)}</a></p>
<h1>${name}</h1>
<p class="lead">${summary}</p>
<p><a class="button" href="${HEAPSCAPE}${placeOf(policy)}">Watch it beside ${besideOf(policy)}</a></p>
${facts ? factList(facts) : ""}
${collecting ? section("Its collections", collectingList(collecting)) : ""}
${section("Measured match", matchTable(policy, matches))}
${section("Options", optionTable(policy))}
${section("Run it", html`<pre><code>${commandOf(policy)}</code></pre>`)}
${section("Source", html`<p>${source}.</p>`)}
${section("Where the model departs", html`<p>${departs}</p>`)}
${section("How the search is counted", stepsOf(policy))}
${Object.keys(reasons).length > 0 ? section("What it says of a decision", reasonList(reasons)) : ""}`,
  };
}

const section = (title: string, body: Piece): Html => html`<section>
<h2>${title}</h2>
${body}
</section>
`;

function factList(facts: Facts): Html {
  const keys = (Object.keys(FACTS) as (keyof Facts)[]).filter((key) => key !== "steps");
  const rows = keys.map((key) => html`<div><dt>${FACTS[key]}</dt><dd>${facts[key]}</dd></div>\n`);
  return html`<dl class="facts">
${rows}</dl>
<p class="note">w is the word: 4 bytes, or 8 with 64 bits. Of the worst case, M is the most memory that live blocks, header and
rounding included, ever hold at once, and n the longest block over the shortest. No policy that cannot move needs less
than M(1 + log2(n)/2) - n + 1 for every sequence of requests (Robson 1971, 1974).</p>
`;
}

function collectingList(collecting: Collecting): Html {
  const keys = Object.keys(COLLECTING) as (keyof Collecting)[];
  const rows = keys.map((key) => html`<div><dt>${COLLECTING[key]}</dt><dd>${collecting[key]}</dd></div>\n`);
  return html`<dl class="facts">
${rows}</dl>`;
}

function matchTable(policy: Policy, matches: MeasuredMatch): Html {
  const rows = matchesOf(policy, matches).map(
    ([call, { real, tables, of, requests, same }]) =>
      html`<tr><th scope="row"><code>${call}</code></th><td data-name="Recorded">${real}</td><td class="value" data-name="Tables">${tables} of ${of}</td><td class="value" data-name="Requests">${whole(same)} of ${whole(requests)}</td></tr>\n`,
  );
  if (rows.length === 0)
    return html`<p>No recording of the real thing: a textbook algorithm, modelled from its source.</p>`;
  return html`<p>Requests that the model places at the address where the real allocator placed them, or refuses where it refused.</p>
<table class="stacks">
<thead><tr><th scope="col">Variant</th><th scope="col">Recorded</th><th scope="col" class="value">Tables</th><th scope="col" class="value">Requests</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}

function optionTable({ options }: Policy): Html {
  const rows = Object.entries(options).map(
    ([key, spec]) =>
      html`<tr><th scope="row"><code>${key}</code></th><td data-name="Type">${spec.type}</td><td data-name="Default"><code>${defaultOf(spec)}</code></td><td data-name="Range">${rangeOf(spec)}</td><td>${spec.about}</td></tr>\n`,
  );
  if (rows.length === 0) return html`<p>None.</p>`;
  return html`<table class="stacks">
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Default</th><th scope="col">Range</th><th scope="col">What it changes</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}

/** As the command line reads it: `64KiB`. */
function defaultOf({ type, default: value }: OptionSpec): string {
  if (type === "choice" || type === "text") return value;
  const size = formatSize(Number(value)).replace(" ", "");
  return Number(value) >= 1024 && parseSize(size) === value ? size : String(Number(value));
}

function rangeOf(spec: OptionSpec): string {
  switch (spec.type) {
    case "choice":
      return spec.choices.join(", ");
    case "flag":
      return "0, 1";
    case "text":
      return spec.form;
    case "integer": {
      const { min, max, unit = "", powerOfTwo } = spec;
      const range = `${amount(spec, min)} to ${amount(spec, max)}${unit === "bytes" ? "" : ` ${unit}`}`;
      return `${powerOfTwo ? "powers of two, " : ""}${range.trimEnd()}`;
    }
  }
}

const amount = ({ unit }: IntegerOption, value: number): string =>
  unit === "bytes" ? formatSize(value) : whole(value);

function stepsOf({ name, facts }: Policy): Html {
  const more = COMPARED.includes(name)
    ? html` <a href="${COST}">How that grows with the heap</a>, against others.`
    : "";
  return html`<p><code>searchSteps</code>: ${facts?.steps ?? "not counted"}.${more}</p>`;
}

/** The values of a reason as letters: `the first of a free ranges that holds b bytes: [c, d)`. */
function reasonList(reasons: Policy["reasons"]): Html {
  const rows = Object.entries(reasons).map(
    ([code, words]) => html`<div><dt><code>${code}</code></dt><dd>${lettered(words)}</dd></div>\n`,
  );
  return html`<dl class="facts reasons">
${rows}</dl>
`;
}

const lettered = (words: string): Piece[] =>
  words
    .split(/\{(\d)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece : html`<var>${String.fromCharCode(97 + Number(piece))}</var>`));
