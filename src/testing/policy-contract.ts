/**
 * What every policy must do, whatever it models. Each case is a sentence and a function that throws:
 *
 *   for (const { name, run } of policyContract(policy)) it(name, run);
 *
 * Cases walk and check the whole space and the policy's own structures after every event.
 */
import { type Policy, roundUp } from "../allocators/contract.ts";
import type { OptionSpec, Options } from "../options/options.ts";
import { readOptions } from "../options/options.ts";
import { formatChoice } from "../replay/policies.ts";
import { Replay, replay } from "../replay/replay.ts";
import { TraceBuilder } from "../traces/builder.ts";
import type { Trace } from "../traces/trace.ts";
import { graphCases } from "./graph-contract.ts";
import { expectSame, expectThat, playedBack, resumed, slices } from "./replays.ts";
import { mixedTrace, sequenceOf } from "./sequences.ts";

export interface ContractCase {
  readonly name: string;
  run(): void;
}

const ARENA = 16384;
/** For policies that do not grow: room for everything. */
const AMPLE = 1 << 20;

/** Cases for the policy at its defaults and at each option's ends. `more` adds combinations worth their own run. */
export function policyContract(
  policy: Policy,
  more: readonly Readonly<Record<string, unknown>>[] = [],
): ContractCase[] {
  const choices = [{}, ...ends(policy), ...more].map((given) =>
    readOptions(policy.name, policy.options, given),
  );
  const seen = new Set<string>();
  return choices.flatMap((options) => {
    const title = formatChoice({ policy, options });
    if (seen.has(title)) return [];
    seen.add(title);
    const byDefault = seen.size === 1;
    return [...cases(policy, options), ...graphCases(policy, options, byDefault)].map(({ name, run }) => ({
      name: `${title} ${name}`,
      run,
    }));
  });
}

function cases(policy: Policy, options: Options): ContractCase[] {
  const ample = policy.growable === false ? AMPLE : "grow";
  const heaps = [ARENA, ample] as const;
  const trace = mixedTrace({ events: 700, seed: 1, threads: 5 });
  const tight = mixedTrace({ events: 900, seed: 2, live: 120, threads: 5 });
  return [
    {
      name: "holds every invariant at every event of a mixed sequence with room for everything",
      run() {
        const done = replay(trace, { policy, options, heap: ample, validateEvery: 1 });
        // Some real allocators refuse a request for 0 bytes.
        const refused = done.recording.refusals.filter(({ bytes }) => bytes > 0).length;
        expectThat(refused === 0, `${refused} requests for more than 0 bytes are refused`);
        expectThat(done.metrics.liveBytes === 0, "something is live after everything was freed");
      },
    },
    {
      name: "holds every invariant at every event of a mixed sequence in an arena that is too small",
      run() {
        for (const heap of [ARENA / 2, ARENA]) replay(tight, { policy, options, heap, validateEvery: 1 });
      },
    },
    {
      name: "refuses what no arena holds and goes on",
      run() {
        const builder = new TraceBuilder("too large");
        builder.allocate(10 * ARENA);
        builder.allocate(0x7fffffff);
        const small = builder.allocate(8);
        builder.reallocate(small, 10 * ARENA);
        builder.free(small);
        const done = replay(builder.finish(), { policy, options, heap: ARENA, validateEvery: 1 });
        expectThat(
          done.metrics.refusals >= 3,
          `${done.metrics.refusals} of 3 impossible requests are refused`,
        );
        expectThat(done.metrics.skippedEvents === 0, "the small object is refused");
      },
    },
    {
      name: "places payloads of 0 and 1 bytes at any alignment, or refuses them",
      run() {
        for (let shift = 4; shift <= 20; shift += 4) {
          const builder = new TraceBuilder("aligned");
          const ids = [0, 1, 0, 100, 1].map((bytes) => builder.memalign(2 ** shift, bytes));
          builder.free(ids[0]);
          builder.reallocate(ids[1], 50);
          builder.memalign(2 ** shift, 0);
          for (const id of ids.slice(1)) builder.free(id);
          const aligned = builder.finish();
          for (const heap of heaps) replay(aligned, { policy, options, heap, validateEvery: 1 });
        }
      },
    },
    {
      name: "does the same again",
      run() {
        for (const heap of heaps)
          expectSame(
            recordingOf(tight, policy, options, heap),
            recordingOf(tight, policy, options, heap),
            "hash",
          );
      },
    },
    {
      name: "is played back exactly at any event, forwards and backwards",
      run() {
        for (const heap of heaps) playedBack(tight, policy, options, heap);
      },
    },
    {
      name: "goes on from a saved state as if it had never stopped",
      run() {
        for (const heap of heaps)
          for (const half of [150, 450, 800]) resumed(tight, half, policy, options, heap);
      },
    },
    {
      name: "never places a block shorter than what it says it needs",
      run() {
        const run = new Replay({ policy, options, heap: ample });
        const below = sequenceOf(3);
        for (let i = 0; i < 60; i++) {
          const bytes = below(2000);
          const builder = new TraceBuilder("one");
          builder.allocate(bytes);
          const [chunk] = builder.finish().chunks;
          chunk.row[0] = i;
          run.feed(chunk);
          const slot = run.objects.slot(i);
          expectThat(slot > 0, `${bytes} bytes are refused`);
          const { space, allocator } = run;
          const address = space.start(slot) + run.space.offset(slot);
          const need = allocator.need(bytes, 0);
          expectThat(need <= space.length(slot), `${bytes} bytes need ${need} and got ${space.length(slot)}`);
          expectThat(need >= bytes, `${bytes} bytes are said to need ${need}`);
          expectSame(allocator.blockStart(address), space.start(slot), "blockStart");
          expectSame(allocator.blockLength(address), space.length(slot), "blockLength");
          expectThat(roundUp(address, space.granule / 2) === address, `the payload lies at ${address}`);
        }
      },
    },
    {
      name: "shows its internals and its reasons at any time",
      run() {
        const run = new Replay({ policy, options, heap: ARENA });
        for (const chunk of slices(tight, 50)) {
          run.feed(chunk);
          run.allocator.internals?.({ list: () => {}, entry: () => {} });
          const reason = run.allocator.reason?.();
          if (reason && !(reason.code in policy.reasons))
            throw new Error(`no words for the reason "${reason.code}"`);
        }
      },
    },
  ];
}

/** Every option at its ends and choices, one at a time. */
function ends(policy: Policy): Record<string, unknown>[] {
  const values = (spec: OptionSpec): unknown[] => {
    if (spec.type === "choice") return [...spec.choices];
    if (spec.type === "flag") return [true, false];
    return spec.type === "integer" ? [spec.min, spec.max] : [spec.default];
  };
  return Object.entries(policy.options).flatMap(([key, spec]) =>
    values(spec).map((value) => ({ [key]: value })),
  );
}

function recordingOf(trace: Trace, policy: Policy, options: Options, heap: number | "grow"): string {
  return replay(trace, { policy, options, heap }).recording.hash;
}
