/**
 * The handbook: a page for each policy of the registry, an index, and what a search costs. Static HTML with relative
 * links; the style sheet is the site's.
 */
import type { Policy } from "../allocators/contract.ts";
import { measureCost } from "./handbook/cost.ts";
import { costPage } from "./handbook/cost-page.ts";
import { document, type Settings } from "./handbook/frame.ts";
import { indexPage } from "./handbook/index-page.ts";
import { MEASURED_MATCH } from "./handbook/measured-match.ts";
import { policyPage } from "./handbook/policy-page.ts";

/** The files of the handbook's folder: name and content. Replays for two seconds. */
export function handbook(policies: readonly Policy[], settings: Settings): Map<string, string> {
  const pages = [
    indexPage(policies, MEASURED_MATCH),
    costPage(measureCost()),
    ...policies.map((policy) => policyPage(policy, MEASURED_MATCH)),
  ];
  return new Map(pages.map((page) => [page.file, document(page, settings)]));
}
