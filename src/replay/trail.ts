/**
 * What a replay does to blocks, event by event, in bytes: so that policies of different granules can be told apart by
 * what they do. Four numbers a change: [what, ...] as `Change` has them.
 */
import type { Probe } from "../space/probe.ts";
import type { Chunk } from "../traces/trace.ts";
import { Op } from "../traces/trace.ts";
import type { Replay } from "./replay.ts";

export const CHANGES = [
  "takes",
  "gives back",
  "leaves as garbage",
  "resizes to",
  "moves",
  "takes for itself",
  "gives back of its own",
  "has as a segment",
  "unmaps",
  "purges",
  "shares",
  "begins a collection",
  "ends a collection",
  "puts the payload at",
  "refuses",
] as const;
export type What = (typeof CHANGES)[number];

/** One change, of the bytes [start, end), none of which is said of a payload; `to`: of a move, or whose pages are shared. */
export interface Change {
  readonly what: What;
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

const CODES = Object.fromEntries(CHANGES.map((what, code) => [what, code])) as Record<What, number>;
const WORDS = 4;

export class Trail implements Probe {
  /** Of the events since `clear`. */
  private readonly words: number[] = [];
  private readonly ends: number[] = [];
  // By slot, in bytes: a probe cannot always look at the space.
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];
  private readonly granule: number;

  constructor(granule: number) {
    this.granule = granule;
  }

  /** Forgets all events so far. */
  clear(): void {
    this.words.length = 0;
    this.ends.length = 0;
  }

  /** Event `i` of a chunk is over; where its payload lies goes along. */
  endEvent({ space, objects }: Replay, chunk: Chunk, i: number): void {
    if (chunk.op[i] < Op.free) {
      const slot = objects.slot(chunk.row[i]);
      if (slot === 0) this.note("refuses");
      else this.note("puts the payload at", space.start(slot) + space.offset(slot));
    }
    this.endSetup();
  }

  endSetup(): void {
    this.ends.push(this.words.length);
  }

  /** Whether event `i` since `clear` does the same here and there. */
  agrees(other: Trail, i: number): boolean {
    const [from, to] = this.range(i);
    const [start, end] = other.range(i);
    if (to - from !== end - start) return false;
    for (let k = 0; k < to - from; k++) if (this.words[from + k] !== other.words[start + k]) return false;
    return true;
  }

  changes(i: number): Change[] {
    const [from, to] = this.range(i);
    return Array.from({ length: (to - from) / WORDS }, (_, k) => {
      const [code, start, length, other] = this.words.slice(from + WORDS * k, from + WORDS * (k + 1));
      return { what: CHANGES[code], start, end: start + length, to: other };
    });
  }

  claimed(slot: number, start: number, length: number): void {
    this.keep(slot, start, length);
    this.block("takes", slot);
  }
  released(slot: number): void {
    this.block("gives back", slot);
  }
  died(slot: number): void {
    this.block("leaves as garbage", slot);
  }
  resized(slot: number, start: number, length: number): void {
    this.keep(slot, start, length);
    this.block("resizes to", slot);
  }
  moved(slot: number, from: number, to: number, length: number): void {
    this.span("moves", from, length, to);
    this.keep(slot, to, length);
  }
  reserved(slot: number, start: number, length: number): void {
    this.keep(slot, start, length);
    this.block("takes for itself", slot);
  }
  unreserved(slot: number): void {
    this.block("gives back of its own", slot);
  }
  segment(edge: number, start: number, length: number): void {
    this.keep(edge, start, length);
    this.block("has as a segment", edge);
  }
  unmapped(edge: number): void {
    this.block("unmaps", edge);
  }
  purged(start: number, length: number): void {
    this.span("purges", start, length);
  }
  shared(start: number, length: number, other: number): void {
    this.span("shares", start, length, other);
  }
  collected(cause: number): void {
    this.note(cause < 0 ? "ends a collection" : "begins a collection");
  }

  private range(i: number): [from: number, to: number] {
    return [i === 0 ? 0 : this.ends[i - 1], this.ends[i]];
  }

  private keep(slot: number, start: number, length: number): void {
    this.starts[slot] = start * this.granule;
    this.lengths[slot] = length * this.granule;
  }

  private block(what: What, slot: number): void {
    this.note(what, this.starts[slot], this.lengths[slot]);
  }

  private span(what: What, start: number, length: number, to = 0): void {
    const { granule } = this;
    this.note(what, start * granule, length * granule, to * granule);
  }

  private note(what: What, start = 0, length = 0, to = 0): void {
    this.words.push(CODES[what], start, length, to);
  }
}
