/** The handbook has a page for every policy of the registry, made of its entry, and no link of it leads nowhere. */
import { beforeAll, describe, expect, it } from "vitest";
import { definePolicy, type Policy } from "../../src/allocators/contract.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { choosePolicy, POLICIES } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { measureCost } from "../../src/report/handbook/cost.ts";
import { matchesOf, matchInWords } from "../../src/report/handbook/measured-match.ts";
import {
  COLLECTING,
  commandOf,
  EXAMPLE,
  FACTS,
  fileOf,
  policyPage,
} from "../../src/report/handbook/policy-page.ts";
import { handbook } from "../../src/report/handbook.ts";
import { Html, html } from "../../src/report/markup.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { parsePlace } from "../../web/state/place.ts";

const bodyOf = (page: { body: unknown }): string => (page.body as Html).text;
const written = (text: string): string => html`${text}`.text;

describe("the handbook", () => {
  let pages: Map<string, string>;
  beforeAll(() => {
    pages = handbook(POLICIES, { head: new Html("") });
  });

  it("has a page for every policy, an index and the cost of a search", () => {
    const wanted = [...POLICIES.map(fileOf), "index.html", "search-steps.html"];
    expect([...pages.keys()].toSorted()).toEqual(wanted.toSorted());
  });

  it.each(POLICIES.map((policy) => [policy.name, policy] as const))(
    "says of %s all that its registry entry says",
    (_, policy) => {
      const page = pages.get(fileOf(policy))!;
      expect(Object.keys(policy.facts ?? {}).toSorted()).toEqual(Object.keys(FACTS).toSorted());
      const { kind, collecting = {} } = policy;
      expect(Object.keys(collecting).toSorted()).toEqual(
        kind === "collector" ? Object.keys(COLLECTING).toSorted() : [],
      );
      for (const fact of [...Object.values(policy.facts!), ...Object.values(collecting)]) {
        expect(fact).toMatch(/^[^\s<>].{2,218}[^\s.]$/);
        expect(page).toContain(written(fact));
      }
      const { summary, source, departs, family, options, reasons } = policy;
      for (const text of [summary, source, departs, commandOf(policy)]) expect(page).toContain(written(text));
      expect(page.toLowerCase()).toContain(`>${family}</a>`);
      for (const [key, { about }] of Object.entries(options)) {
        expect(page).toContain(`<code>${key}</code>`);
        expect(page).toContain(written(about));
      }
      for (const code of Object.keys(reasons)) expect(page).toContain(`<code>${code}</code>`);
      expect(page).not.toMatch(/undefined|NaN|\[object/);
      const matches = matchesOf(policy);
      if (matches.length === 0) expect(page).toContain("No recording of the real thing");
      for (const [call] of matches) expect(page).toContain(`<code>${call}</code>`);
      expect(pages.get("index.html")).toContain(matchInWords(policy));
    },
  );

  it("has relative links only, each to a page and place of its own, or to Heapscape's page", () => {
    for (const [file, page] of pages) {
      const links = [...page.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, link]) =>
        link.replaceAll("&#38;", "&"),
      );
      expect(links.length, file).toBeGreaterThan(2);
      for (const link of links) {
        const [to, hash] = link.split("#");
        if (to === "../index.html") continue;
        const target = pages.get(to);
        expect(target, `${file} links to ${link}`).toBeDefined();
        if (hash) expect(target, `${file} links to ${link}`).toContain(`id="${hash}"`);
      }
    }
  });

  it("opens Heapscape with each policy beside another, on a load that both can replay", () => {
    const trace = generateTrace(EXAMPLE.workload, 1);
    const heap = heapBytes(EXAMPLE.heap, trace.peakLiveBytes);
    for (const policy of POLICIES) {
      const [, hash] =
        /"\.\.\/index\.html(#[^"]+)"/.exec(pages.get(fileOf(policy))!.replaceAll("&#38;", "&")) ?? [];
      const place = parsePlace(hash);
      expect(place).toMatchObject({
        source: { kind: "workload", text: EXAMPLE.workload },
        heap: EXAMPLE.heap,
      });
      expect(place.policies?.map((call) => choosePolicy(call).policy.name)).toContain(policy.name);
      expect(new Set(place.policies).size).toBe(2);
      const { metrics } = replay(trace, { ...choosePolicy(policy.name), heap, record: false });
      expect(metrics.peakLiveBytes).toBeGreaterThan(0);
    }
  });

  it("puts no markup of a policy into its pages", () => {
    const hostile = definePolicy({
      ...POLICIES[0],
      summary: '<script>alert("&")</script>',
      options: { a: { type: "text", default: "<b>", pattern: ".*", form: '"<i>"', about: "&amp;" } },
    } as Policy);
    const page = bodyOf(policyPage(hostile, {}));
    expect(page).toContain("&#60;script&#62;alert(&#34;&#38;&#34;)&#60;/script&#62;");
    expect(page).toContain("&#38;amp;");
    expect(page).not.toMatch(/<script|<b>|<i>/);
  });
});

describe("the cost of a search", () => {
  it("grows with the heap for heap_4, stays the same for TLSF, and ends where a policy refuses", () => {
    const [linear, constant, umm] = measureCost(["freertos-heap4", "tlsf", "umm"], [250, 1000, 8000]);
    expect(linear.steps[1]).toBeGreaterThan(2 * linear.steps[0]!);
    expect(linear.steps[2]).toBeGreaterThan(10 * linear.steps[0]!);
    expect(constant.steps).toEqual([1, 1, 1]);
    expect(umm.steps.map((value) => value === undefined)).toEqual([false, false, true]);
  });
});
