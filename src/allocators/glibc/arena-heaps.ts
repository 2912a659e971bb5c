/**
 * The layout of an arena in heaps. Its units go on from one heap to the next as if each were as long as a region, so that
 * an arena has one table of tags:
 *
 *   unit     = number of the heap * units of a region + units from the heap's start
 *   heap     = heap_info, and in an arena's first heap malloc_state | chunks | top, or, if it is not the last one, a fence
 *   fence    = the smallest chunk's bytes at a heap's end that is full: in use, and later part of top once more
 */
import type { Column } from "../../space/columns.ts";
import type { Address, Segment, Space } from "../../space/space.ts";
import type { Heaps } from "./heaps.ts";
import { Layout, UNIT } from "./layout.ts";

/** Words of heap_info: arena, previous heap, size, size made accessible, page size; and its padding. */
const HEAP_INFO = 6;
/** Bytes of malloc_state by word, as of glibc 2.36: 10 or 11 fastbins, 254 links of bins, a bit for each bin. */
const MALLOC_STATE = { 4: 1116, 8: 2200 } as const;

export class ArenaHeaps extends Layout {
  readonly heaps: Heaps;
  private readonly arena: number;
  /** Units of a region. */
  private readonly span: number;
  /** [heaps, region of the first, region of the second ...]. */
  private readonly list: Column<Int32Array>;

  constructor(space: Space, bits: string, heaps: Heaps, arena: number) {
    super(bits);
    this.heaps = heaps;
    this.arena = arena;
    this.span = heaps.most / UNIT;
    this.list = space.columns.int32(2);
  }

  /** Heaps that the arena has. */
  get count(): number {
    return this.list.data[0];
  }

  /** Region of heap `number`. */
  region(number: number): number {
    return this.list.data[number + 1];
  }

  segment(number: number): Segment {
    return this.heaps.segment(this.region(number));
  }

  /** The unit of the first chunk in heap `number`. */
  first(number: number): number {
    return number * this.span + Math.ceil((this.own(number) - this.lead) / UNIT);
  }

  /** Bytes of heap `number` that are the arena's own. */
  own(number: number): number {
    return HEAP_INFO * this.word + (number === 0 ? MALLOC_STATE[this.word] : 0);
  }

  /** One heap more, of so many bytes; whether there is room for it. */
  add(bytes: number): boolean {
    const number = this.count;
    const region = this.heaps.map(bytes, this.arena, number);
    if (region < 0) return false;
    this.list.grow(number + 2);
    this.list.data[number + 1] = region;
    this.list.data[0] = number + 1;
    return true;
  }

  /** The last heap goes back. */
  remove(): void {
    this.heaps.unmap(this.region(--this.list.data[0]));
  }

  override block(u: number): Address {
    const number = Math.floor(u / this.span);
    return this.heaps.start(this.region(number)) + super.block(u - number * this.span);
  }

  override unit(address: Address): number {
    const region = this.heaps.region(address);
    return this.heaps.number(region) * this.span + super.unit(address - this.heaps.start(region));
  }

  override payload(u: number): Address {
    return this.block(u) + this.word;
  }
}
