/**
 * .NET's collector as it is published: `plan-compact` with its object layout and its limits. An object has 16 bytes
 * before its fields, the sync block and the method table, and at least 24 in all.
 *
 * Unverified: no runtime was observed; this follows the source and its documents alone.
 */
import { definePolicy } from "../allocators/contract.ts";
import { BlockShape } from "../allocators/parts/block-shape.ts";
import { PlanCompact, REASONS } from "./plan-compact/collector.ts";
import { planCompact } from "./plan-compact.ts";

const SETTINGS = { header: 16, alignment: 8, large: 85_000, fragmentation: 200_000, burden: 50 };

export const dotnet = definePolicy<Record<never, never>>({
  name: "dotnet",
  family: "collectors",
  summary:
    ".NET's design, unverified: plans a compaction, carries it out or sweeps; large objects from 85,000 bytes.",
  source: planCompact.source,
  departs:
    "Unverified: it follows the published design, and was held against no runtime. Generations 0 and 1 are left out, and with them " +
    `what is promoted, the card table and demotion: every collection is one of generation 2. ${planCompact.departs}`,
  facts: {
    ...planCompact.facts!,
    ships: ".NET, on 64-bit systems",
    header: "16 bytes: sync block and method table; blocks of 24 bytes at least",
    alignment: "8 bytes",
  },
  collecting: planCompact.collecting!,
  kind: "collector",
  // What moves stays in order, but for what goes below a pinned object that was below it.
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: {},
  granule: () => new BlockShape(SETTINGS.header, SETTINGS.alignment).granule,
  reasons: REASONS,
  create: (space) => new PlanCompact(space, SETTINGS),
});
