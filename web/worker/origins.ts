/**
 * Where objects come from, as far as a recorder knew it: the thread that asked, and the function that did. Of many, the
 * ones that ask for the most bytes have a class of their own, and all others one together.
 */
import { CHUNK_EVENTS, isBirth, type Trace } from "../../src/traces/trace.ts";
import { CLASSES } from "./colouring.ts";

/** What a request was about to a reader of stacks: the allocating functions themselves say nothing. */
const ALLOCATES = /alloc|strdup|operator new/i;

/** Names of the classes. */
export interface OriginNames {
  readonly thread: readonly string[];
  readonly site: readonly string[];
}

export class Origins {
  readonly names: OriginNames;
  readonly #trace: Trace;
  readonly #classOfThread: Uint8Array;
  readonly #classOfFrame: Uint8Array;
  /** By site: the number of the frame that names it, counted from 1. */
  readonly #frameOf: Int32Array;

  /** O(events), some 5 ns each, where there is something to know. */
  constructor(trace: Trace) {
    this.#trace = trace;
    this.#frameOf = framesOf(trace);
    const { frames } = trace.sites;
    const threads = classes(this.#asked("thread", trace.threads.length), (i) => String(trace.threads[i]));
    const sites = classes(this.#asked("site", frames.length + 1), (i) => frames[i - 1] ?? "not known");
    this.#classOfThread = threads.of;
    this.#classOfFrame = sites.of;
    this.names = { thread: threads.names, site: sites.names };
  }

  /** The class of the object that event `born` gave its birth. */
  classOf(by: keyof OriginNames, born: number): number {
    const recorded = this.#trace.chunks[Math.floor(born / CHUNK_EVENTS)]?.recorded;
    const i = born % CHUNK_EVENTS;
    if (by === "thread") return this.#classOfThread[recorded?.thread[i] ?? 0] ?? 0;
    return this.#classOfFrame[this.#frameOf[recorded?.site[i] ?? 0]] ?? 0;
  }

  /** The thread of an event, as the system called it; "" where it is not known. */
  thread(event: number): string {
    const thread =
      this.#trace.chunks[Math.floor(event / CHUNK_EVENTS)]?.recorded?.thread[event % CHUNK_EVENTS];
    return String(this.#trace.threads[thread ?? -1] ?? "");
  }

  /** The function that asked in an event; "" where it is not known. */
  site(event: number): string {
    const site = this.#trace.chunks[Math.floor(event / CHUNK_EVENTS)]?.recorded?.site[event % CHUNK_EVENTS];
    return this.#trace.sites.frames[this.#frameOf[site ?? 0] - 1] ?? "";
  }

  /** Bytes that were asked for, by thread or frame; none where nothing is known. */
  #asked(by: keyof OriginNames, count: number): Float64Array {
    const known = this.#trace.recorded.includes(by);
    const sums = new Float64Array(known ? count : 0);
    if (!known) return sums;
    for (const { events, op, bytes, recorded } of this.#trace.chunks) {
      const column = recorded?.[by];
      if (!column || column.length === 0) continue;
      for (let i = 0; i < events; i++)
        if (isBirth(op[i]))
          sums[by === "site" ? this.#frameOf[column[i]] : column[i]] += Math.max(1, bytes[i]);
    }
    return sums;
  }
}

/** The innermost frame of each stack that does not allocate by its name, else the innermost; 0 for what is not known. */
function framesOf({ sites, recorded }: Trace): Int32Array {
  if (!recorded.includes("site")) return new Int32Array(1);
  const allocates = Uint8Array.from(sites.frames, (frame) =>
    ALLOCATES.test(frame.replace(/\S*\//g, "")) ? 1 : 0,
  );
  const found = new Int32Array(sites.count + 1);
  for (let site = 1; site <= sites.count; site++) {
    let at = site;
    while (at > 0 && allocates[sites.frame(at)] === 1) at = sites.parent(at);
    found[site] = 1 + sites.frame(at > 0 ? at : site);
  }
  return found;
}

function classes(asked: Float64Array, nameOf: (index: number) => string) {
  const used = Array.from(asked.keys()).filter((i) => asked[i] > 0);
  used.sort((a, b) => asked[b] - asked[a]);
  const own = used.length <= CLASSES ? used.length : CLASSES - 1;
  const of = new Uint8Array(asked.length).fill(own);
  const names = used.slice(0, own).map(nameOf);
  for (const [rank, i] of used.slice(0, own).entries()) of[i] = rank;
  if (own < used.length) names.push(`${used.length - own} others`);
  return { names, of };
}
