/**
 * Mark, plan, relocate, and compact or sweep, in the manner of .NET. A collection marks, then plans a compaction in full
 * without moving anything; how fragmented the heap would stay otherwise decides whether it is carried out. If not, the
 * gaps go into a list that new objects are placed in, first fit, by contexts of 8 KiB. Objects of 85,000 bytes and more
 * lie apart, and are swept only.
 *
 *   compacts if fragmentation >= 200,000 bytes and burden >= 50%, or if memory is exhausted. The limits are generation 2's
 *   (static_data_table): 200,000 bytes, and twice 0.25 (dd_v_fragmentation_burden_limit)
 *
 * Words touched, after marking (the phases of gc.cpp):
 *
 *   plan       1 an object passed, dead or not; 3 a plug: its gap, where it goes, its place in the tree of plugs
 *   relocate   the words of live blocks, where references are sought; 1 a reference rewritten
 *   compact    1 a plug, 2 a word moved
 *   sweep      2 a gap: the header of the free object that fills it, and its link
 *
 * What is planned is kept in the gaps themselves; extra space is 2 bytes for each 2 KiB of heap (bricks) and a queue of
 * pinned plugs.
 */
import { definePolicy } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import { PlanCompact, REASONS } from "./plan-compact/collector.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  large: {
    type: "integer",
    default: 85_000,
    min: 256,
    max: 1 << 30,
    unit: "bytes",
    about: "blocks of so many bytes are large objects, which are swept and never moved",
  },
  fragmentation: {
    type: "integer",
    default: 200_000,
    min: 0,
    max: 1 << 30,
    unit: "bytes",
    about: "compacts only if that gains so much",
  },
  burden: {
    type: "integer",
    default: 50,
    min: 0,
    max: 100,
    about: "compacts only if that gains so many percent of the small objects' part of the heap",
  },
} as const;

export const planCompact = definePolicy<typeof OPTIONS>({
  name: "plan-compact",
  family: "collectors",
  summary:
    "Plans a compaction, and carries it out if enough is gained; otherwise sweeps. Pinned plugs stay (.NET).",
  source:
    "dotnet/runtime, src/coreclr/gc/gc.cpp: plan_phase, decide_on_compacting, relocate_phase, compact_phase, make_free_lists; " +
    "docs/design/coreclr/botr/garbage-collection.md",
  departs:
    "Without generations: every collection is one of the oldest, by its limits. A pinned object is a plug of its own, and none beside " +
    "it is pinned with it. Contexts take the whole rest of a gap that would be too short to stay in the list. Large objects lie at an arena's upper " +
    "end, first fit from above, or in mapped segments of whole pages, where .NET has buckets of free lists. An object aligned beyond the rest is " +
    "a plug of its own. In a trace without references the dead are known, so a collection that cannot make room is not begun.",
  facts: {
    author: "Microsoft, .NET since 2002 (Patrick Dussud, Maoni Stephens)",
    ships: ".NET: the phases of its collections",
    header: "8 bytes, an option; 16 in .NET, see dotnet",
    alignment: "8 bytes, an option",
    order: "first fit by address in the gaps, 8 KiB at a time; then at the end",
    coalescing: "at each collection; by sliding if it compacts",
    bound:
      "none known, as long as limits keep it from compacting; out of memory it does, and M is enough without pins and large objects (by its algorithm)",
    steps: "gaps that are looked at to open a context",
  },
  collecting: {
    passes: "1: plan; 3 if it compacts: plan, references, moves",
    extra: "2 bytes for each 2 KiB of heap, and 64 a pinned plug",
    order: "in place, or sliding; what fits goes past a pinned plug",
  },
  kind: "collector",
  // What moves stays in order, but for what goes below a pinned object that was below it.
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new PlanCompact(space, options),
});
