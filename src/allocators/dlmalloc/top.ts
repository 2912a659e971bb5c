/**
 * The top chunk, which borders on the end of the memory got from the system, and how that memory grows and shrinks.
 *
 *   [state or nothing | chunks ... | top | foot] break          top's size = hole's length = break - foot - start of top
 *
 * Memory comes in whole pages. As long as the system has always said yes, dlmalloc asks only for what top lacks; at
 * its first no it gives up hope of memory that continues the old, and from then on asks for all of a request, which
 * here continues the old all the same. An mspace has no such hope from the start.
 */
import type { Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { Control, type Space } from "../../space/space.ts";
import type { Layout } from "./layout.ts";

/** Of the state: top's hole, 0 before there is any memory. */
const HOLE = 0;
/** The break, up to which the system has given memory. */
const BREAK = 1;
/** 1 once the hope of memory that continues the old is given up. */
const APART = 2;
/** Top is trimmed when it is longer than this. */
const CHECK = 3;

/** A 32-bit dlmalloc asks the system for less than half of the addresses at a time. */
const HALF = 0x7fffffff;

export class Top {
  private readonly space: Space;
  private readonly layout: Layout;
  /** An mspace on a buffer that was given to it: nothing more is to be had, and nothing is given back. */
  private readonly fixed: boolean;
  private readonly page: number;
  /** M_TRIM_THRESHOLD. */
  private readonly trimThreshold: number;
  private readonly state: Column<Float64Array>;

  constructor(space: Space, layout: Layout, page: number, trim: number) {
    this.space = space;
    this.layout = layout;
    this.fixed = layout.state !== 0 && !space.grows;
    this.page = space.grows ? page : Math.min(page, space.limit);
    this.trimThreshold = trim;
    this.state = space.columns.float64(4);
    if (layout.state === 0) return;
    this.state.data[APART] = 1;
    if (this.fixed) {
      if (space.limit > layout.state + layout.foot) this.begin(space.limit);
    } else if (space.extend(page) !== 0) this.begin(page);
  }

  get hole(): Node {
    return this.state.data[HOLE];
  }

  set hole(hole: Node) {
    this.state.data[HOLE] = hole;
  }

  /** 0 before there is any. */
  get size(): number {
    return this.hole === 0 ? 0 : this.space.length(this.hole);
  }

  /** End of the memory got from the system. */
  get break(): number {
    return this.state.data[BREAK];
  }

  /** Memory for a chunk of `size` bytes, which top does not hold; whether there was any. */
  grow(size: number): boolean {
    const state = this.state.data;
    const more = size + this.layout.foot + this.layout.alignment;
    if (state[APART] === 0) {
      if (this.ask(this.pages(more - this.size))) return true;
      state[APART] = 1;
    }
    return this.ask(this.pages(more));
  }

  /** Gives whole pages back when top is longer than the limit, all but the last; does nothing on a fixed buffer. */
  trim(): void {
    const state = this.state.data;
    if (this.size <= state[CHECK]) return;
    const spare = this.pages(this.size - this.layout.foot) - this.page;
    if (spare <= 0) {
      // To no avail: not tried again before memory was next asked for.
      state[CHECK] = Number.POSITIVE_INFINITY;
      return;
    }
    this.moveEnd(this.break - spare);
    if (this.space.grows) this.space.trim(spare);
  }

  /** Where top's hole ends. */
  get footStart(): number {
    return this.break - this.layout.foot + this.layout.word;
  }

  private ask(bytes: number): boolean {
    const space = this.space;
    if (this.fixed || (this.layout.word === 4 && bytes >= HALF)) return false;
    const end = this.break + bytes;
    const given = space.grows ? space.extend(bytes) !== 0 : end <= space.limit;
    if (!given) return false;
    if (this.break === 0) this.begin(end);
    else this.moveEnd(end);
    return true;
  }

  /** The first memory ends at `end`. What is before the first chunk's block is set aside. */
  private begin(end: number): void {
    const { state, word } = this.layout;
    this.space.reserve(0, state + word, state === 0 ? Control.unused : Control.table);
    this.moveEnd(end);
    this.hole = this.space.at(state + word);
  }

  private moveEnd(end: number): void {
    const space = this.space;
    const { foot, word } = this.layout;
    // The row of top's hole stays: it is the lower part of all merges and splits here.
    if (this.break !== 0) space.unreserve(this.footStart);
    this.state.data[BREAK] = end;
    this.state.data[CHECK] =
      this.layout.state !== 0 && !space.grows ? Number.POSITIVE_INFINITY : this.trimThreshold;
    space.reserve(this.footStart, foot - word, Control.header);
  }

  /** Up to whole pages; a fixed heap shorter than a page is one page, which need not be a power of two. */
  private pages(bytes: number): number {
    return Math.ceil(bytes / this.page) * this.page;
  }
}
