/**
 * The top chunk, which borders on the break: what sbrk gives is added to it, in pages, and given back from it.
 *
 *   [chunks ... | top] break        size of top = break - (16 * start + lead), at least a smallest chunk once there is one
 *
 * A fixed heap is an sbrk with a limit. There the last call gives what is left, so that the pad does not cost a small
 * heap all of its memory; a heap too small for a single chunk gives none.
 */
import { TOP } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import { Control, PAGE, type Segment, type Space } from "../../space/space.ts";
import { roundUp } from "../contract.ts";
import type { Chunks } from "./chunks.ts";
import { type Layout, UNIT } from "./layout.ts";
import type { Thresholds } from "./thresholds.ts";

export const START = 0;
export const BREAK = 1;

export class Top {
  protected readonly space: Space;
  protected readonly chunks: Chunks;
  protected readonly thresholds: Thresholds;
  /** [unit at which top starts, the break in bytes]. */
  protected readonly state: Column<Float64Array>;
  private readonly layout: Layout;

  constructor(space: Space, chunks: Chunks, layout: Layout, thresholds: Thresholds) {
    this.space = space;
    this.chunks = chunks;
    this.layout = layout;
    this.thresholds = thresholds;
    this.state = space.columns.float64(2);
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + TOP, this.state.data);
  }

  /** The segment of the space at whose end it lies. */
  get segment(): Segment {
    return this.space.heap;
  }

  /** The unit at which top starts. */
  get start(): number {
    return this.state.data[START];
  }

  /** The chunk below has grown into top, or been given up to it. */
  set start(unit: number) {
    this.state.data[START] = unit;
  }

  /** Bytes got from the system: what mallinfo calls `arena`. */
  get break(): number {
    return this.state.data[BREAK];
  }

  /** Bytes; a multiple of 8. */
  get size(): number {
    const end = this.break;
    return end === 0 ? 0 : end - this.start * UNIT - this.layout.lead;
  }

  /** Whether a chunk of `units` can be taken, and a smallest one stays. */
  holds(units: number): boolean {
    return this.size >= (units + this.layout.smallest) * UNIT;
  }

  /** Takes the low end, which top holds. Returns its unit. */
  take(units: number): number {
    const start = this.start;
    this.state.data[START] = start + units;
    this.chunks.reach(start + units);
    return start;
  }

  /** Asks the system for what top lacks to hold `units`, and the pad; whether it holds them then. */
  grow(units: number): boolean {
    const { smallest, lead } = this.layout;
    const lacks = (units + smallest) * UNIT + this.thresholds.topPad - this.size;
    let more = roundUp(lacks, PAGE);
    // The lead of the first chunk is asked for by itself, and makes a page more.
    if (this.break === 0) more = roundUp(more + lead, PAGE);
    return this.sbrk(more) && this.holds(units);
  }

  /** After a free that made a long chunk: gives back what is due. Returns how many bytes. */
  release(): number {
    return this.size >= this.thresholds.trim ? this.trim(this.thresholds.topPad) : 0;
  }

  /** Gives back all whole pages of top beyond `pad` and a smallest chunk. Returns how many bytes. */
  trim(pad: number): number {
    const spare = this.size - this.layout.smallest * UNIT - 1 - pad;
    const bytes = spare - (spare % PAGE);
    if (bytes <= 0) return 0;
    this.state.data[BREAK] -= bytes;
    if (this.space.grows) this.space.trim(bytes);
    return bytes;
  }

  private sbrk(bytes: number): boolean {
    const space = this.space;
    const before = this.break;
    const given = space.grows ? bytes : Math.min(bytes, space.limit - before);
    const least = before === 0 ? this.layout.lead + this.layout.smallest * UNIT : 1;
    if (given < least || (space.grows && space.extend(given) === 0)) return false;
    this.state.data[BREAK] = before + given;
    if (before === 0) space.reserve(0, this.layout.block(0), Control.unused);
    return true;
  }
}
