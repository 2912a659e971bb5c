/** The traces of the benchmark. Seeded: the same in every run, so that figures of two builds can be compared. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readTraceFile } from "../../src/node.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { Random, type Weighted } from "../../src/workloads/random.ts";

export interface BenchTrace {
  /** Begins with mqtt, hostile or fleet. */
  readonly name: string;
  /** Objects that live at once once the heap is filled; of a recording, at most. */
  readonly live: number;
  /** Events that fill the heap. */
  readonly filled: number;
  readonly trace: Trace;
  /** Policies are measured without metrics as well. */
  readonly bare: boolean;
  /** Who takes part, where not everybody does. */
  readonly only?: readonly string[];
}

/** Makes the traces one after the other: one at a time is in memory. */
export async function* benchTraces(
  size: "quick" | "check" | "whole",
  reference: string,
): AsyncGenerator<BenchTrace> {
  if (size === "check") {
    yield {
      ...mqttLike("mqtt-check", 100_000, 1_800_000),
      only: ["glibc", "glibc-model", "assemblyscript-tlsf", "tlsf", "best-fit", "slab", "buddy", "first-fit"],
    };
    yield { ...mqttLike("mqtt-live-10k", 10_000, 1_800_000), only: ["thi.ng", "tlsf"] };
    return;
  }
  if (size === "quick") {
    yield mqttLike("mqtt-quick", 10_000, 160_000);
    yield { ...hostile("hostile-quick", 10_000, 160_000), bare: false };
    return;
  }
  yield mqttLike("mqtt-10m", 100_000, 10_000_000);
  yield hostile("hostile-holes", 200_000, 2_000_000);
  const fleet = join(reference, "broker/fleet.trace.gz");
  if (existsSync(fleet)) {
    const trace = await readTraceFile(fleet);
    yield { name: "fleet", live: trace.rows, filled: 0, trace, bare: true };
  }
  for (const [name, live] of GROWTH)
    yield { ...mqttLike(`mqtt-live-${name}`, live, 2 * live + 2_000_000), bare: false };
}

const GROWTH = [
  ["1k", 1000],
  ["10k", 10_000],
  ["100k", 100_000],
  ["1m", 1_000_000],
] as const;

/** What a broker keeps for long: subscriptions, hash links, sessions and clients, as a 64-bit Mosquitto sizes them. */
const KEPT: Weighted<number> = [
  [24, 6],
  [32, 4],
  [56, 4],
  [88, 3],
  [152, 2],
  [440, 1],
  [1072, 1],
];

/**
 * A broker in its steady state, with as many live objects as one likes, which a fleet of clients cannot give at will:
 * half of them kept, half queued messages. A step is a message: a packet comes and goes within it and may be
 * grown by realloc, a queued message leaves, mostly the oldest, another joins, and now and then something kept changes.
 */
export function mqttLike(name: string, live: number, events: number): BenchTrace {
  const builder = new TraceBuilder(name);
  const random = new Random(1);
  const payload = (): number =>
    random.chance(2) ? random.between(2048, 16_384) : 24 + random.lognormal(120);
  const kept = (): number => (random.chance(300) ? random.between(12, 60) : random.weighted(KEPT));
  const keep = (): number => (random.chance(60) ? builder.callocate(1, kept()) : builder.allocate(kept()));
  const session: number[] = [];
  const queue: number[] = [];
  while (session.length + queue.length < live) {
    session.push(keep());
    queue.push(builder.allocate(payload()));
  }
  const filled = builder.events;
  for (let oldest = 0; builder.events < events; oldest = (oldest + 1) % queue.length) {
    const packet = builder.allocate(random.between(8, 64));
    if (random.chance(300)) builder.reallocate(packet, payload());
    const leaving = random.chance(200) ? random.below(queue.length) : oldest;
    builder.free(queue[leaving]);
    queue[leaving] = builder.allocate(payload());
    if (random.chance(150)) {
      const changed = random.below(session.length);
      if (random.chance(250)) builder.reallocate(session[changed], kept());
      else {
        builder.free(session[changed]);
        session[changed] = keep();
      }
    }
    builder.free(packet);
  }
  return { name, live, filled, trace: builder.finish(), bare: true };
}

/**
 * Three quarters of the live objects stay for good, each with a small hole beside it; the others come and go, and
 * most are longer than any of those holes: whoever searches by address passes all of them.
 */
function hostile(name: string, live: number, events: number): BenchTrace {
  const builder = new TraceBuilder(name);
  const random = new Random(2);
  const pinned = Math.floor((live * 3) / 4);
  const gaps: number[] = [];
  for (let i = 0; i < pinned; i++) {
    builder.allocate(random.between(24, 40));
    gaps.push(builder.allocate(random.between(16, 48)));
  }
  builder.allocate(64);
  for (const id of gaps) builder.free(id);
  const size = (): number => (random.chance(800) ? random.between(64, 512) : random.between(8, 48));
  const passing: number[] = [];
  while (pinned + 1 + passing.length < live) passing.push(builder.allocate(size()));
  const filled = builder.events;
  while (builder.events < events) {
    const victim = random.below(passing.length);
    builder.free(passing[victim]);
    passing[victim] = builder.allocate(size());
  }
  return { name, live, filled, trace: builder.finish(), bare: true };
}
