/** What every collector must do with a trace that has references; see policy-contract.ts. */
import type { Policy } from "../allocators/contract.ts";
import type { Options } from "../options/options.ts";
import { checkCollections } from "./collection-check.ts";
import { deepList, randomGraph } from "./random-graphs.ts";
import { expectThat, playedBack, resumed } from "./replays.ts";

/** For collectors that do not grow. */
const AMPLE = 1 << 22;
const TIGHT = 24 * 1024;
const DEEP = 1_000_000;

/** No cases for an allocator. */
export function graphCases(policy: Policy, options: Options, byDefault: boolean) {
  if (policy.kind !== "collector") return [];
  const guarantees = policy.guarantees?.(options);
  if (!guarantees) throw new Error(`collector ${policy.name} gives no guarantees`);
  const ample = policy.growable === false ? AMPLE : "grow";
  // An option's end is looked at less closely than the default: there are many of them.
  const closely = byDefault ? 1 : 3;
  const settings = (heap: number | "grow") => ({ policy, options, heap, validateEvery: closely ** 2 });
  const small = randomGraph({ events: 900, seed: 6, frees: true });
  const cases = [
    {
      name: "keeps what is reachable, and its references, through every collection of random graphs",
      run() {
        for (let seed = 1; seed <= 12; seed += closely) {
          const frees = seed % 3 === 0;
          const trace = randomGraph({ events: 800, seed, frees, pins: seed % 4 > 0, roots: 4 + seed });
          const { replay, collections } = checkCollections(trace, settings(ample), guarantees);
          expectThat(collections > 5, `${collections} collections`);
          const { skippedEvents } = replay.finish().metrics;
          // A death may be told when a collection has found it already.
          expectThat(frees || skippedEvents === 0, `${skippedEvents} events name objects that are gone`);
        }
      },
    },
    {
      name: "keeps what is reachable in an arena that is too small for it",
      run() {
        for (let seed = 21; seed <= 28; seed += closely) {
          const trace = randomGraph({ events: 900, seed, roots: 30, frees: seed % 2 === 0, every: 400 });
          for (const heap of [TIGHT / 2, TIGHT]) checkCollections(trace, settings(heap), guarantees);
        }
      },
    },
    {
      name: "is played back exactly and goes on from a saved state, with references",
      run() {
        for (const heap of [TIGHT, ample] as const) {
          playedBack(small, policy, options, heap);
          for (const half of [100, 500, 850]) resumed(small, half, policy, options, heap);
        }
      },
    },
  ];
  const deep = {
    name: "collects a list of 1,000,000 objects, which no recursion could follow",
    run() {
      const heap = policy.growable === false ? 256 * AMPLE : "grow";
      const trace = deepList(DEEP);
      const { replay } = checkCollections(trace, { policy, options, heap, record: false }, guarantees);
      expectThat(replay.meter.refusals === 0, `${replay.meter.refusals} requests are refused`);
    },
  };
  return byDefault ? [...cases, deep] : cases;
}
