/**
 * A segment of the space for each size of cell, and within it cells of that size from its start:
 *
 *   cell i of a segment = [start + i * size, start + (i + 1) * size); behind the last whole one there may be a rest
 *   below a size's cursor all cells are in use; above it they are, or are free
 *
 * The heap's own segment is empty. A size's segment begins at the lowest free stride, of 64 MiB or a 32nd of an arena,
 * and is extended there, by an eighth of what the size has; where another one is in the way, the size gets one more
 * segment. When no stride is free, segments begin wherever there is a gap, at a page.
 */
import { REFUSED, roundUp } from "../../allocators/contract.ts";
import type { Column } from "../../space/columns.ts";
import {
  type Address,
  PAGE,
  type Segment,
  type Slot,
  type Space,
  SpaceError,
  State,
} from "../../space/space.ts";
import { powerBelow } from "../regions/options.ts";
import type { CellSizes } from "./cell-sizes.ts";

const STRIDE = 64 * 1024 * 1024;

export class SizeSegments {
  private readonly space: Space;
  private readonly sizes: CellSizes;
  private readonly stride: number;
  /** By the slot of a segment's edge: the size of its cells. */
  private readonly cells: Column<Float64Array>;
  /** By number of the size: the slot that was placed last, or the edge of the segment that comes next; 0 for none. */
  private readonly cursors: Column<Int32Array>;

  constructor(space: Space, sizes: CellSizes) {
    this.space = space;
    this.sizes = sizes;
    this.stride = space.grows ? STRIDE : Math.max(powerBelow(space.limit / 32), PAGE);
    this.cells = space.columns.float64(64);
    this.cursors = space.columns.int32(64);
    if (!space.grows && space.limit > 0) space.trim(space.limit);
  }

  size(segment: Segment): number {
    return this.cells.data[segment];
  }

  /** The segments of a size, by address. */
  of(size: number): Segment[] {
    const { space } = this;
    return [...space.segments()].filter((segment) => segment !== space.heap && this.size(segment) === size);
  }

  /** Every size that has segments. */
  all(): number[] {
    const { space } = this;
    const sizes = new Set<number>();
    for (const segment of space.segments()) if (segment !== space.heap) sizes.add(this.size(segment));
    return [...sizes].sort((a, b) => a - b);
  }

  /** `16 4096`: the size whose segment holds an address, `16/2` for its second one, and the offset there. */
  place(address: Address): string {
    const { space } = this;
    for (const size of this.all())
      for (const [i, segment] of this.of(size).entries())
        if (address >= space.start(segment) && address < space.segmentEnd(segment))
          return `${size}${i > 0 ? `/${i + 1}` : ""} ${address - space.start(segment)}`;
    throw new SpaceError(`${address} is in no segment`);
  }

  /** Puts the block of `slot` into the next free cell of its size. Its start, or REFUSED. */
  take(size: number, slot: Slot): Address {
    const { space } = this;
    const number = this.sizes.number(size);
    this.cursors.grow(number + 1);
    let node = this.cursors.data[number];
    if (node === 0) return REFUSED;
    for (;;) {
      const next = space.next(node);
      if (next < 0 && space.length(next) >= size) {
        space.take(next, 0, size, slot);
        this.cursors.data[number] = slot;
        return space.start(slot);
      }
      node = next;
      if (next < 0 || space.state(next) !== State.edge) continue;
      node = this.behind(next);
      if (node === 0) return REFUSED;
    }
  }

  /** Makes room for at least one cell more. Whether it could. */
  grow(size: number): boolean {
    const { space } = this;
    const segments = this.of(size);
    const held = segments.reduce((sum, segment) => sum + space.segmentLength(segment), 0);
    const least = roundUp(size, PAGE);
    const more = Math.max(least, roundUp(Math.floor(held / 8), PAGE));
    const last = segments[segments.length - 1];
    if (last !== undefined && (this.extend(last, more) || this.extend(last, least))) return true;
    return this.map(size, more) || this.map(size, least);
  }

  /** No cell up to `cursor`, a slot or the edge of a segment, is free. */
  rewind(size: number, cursor: Slot): void {
    this.cursors.data[this.sizes.number(size)] = cursor;
  }

  /** Gives back what is free at the ends of the size's segments, to whole pages; the empty ones go. */
  trim(size: number): void {
    const { space } = this;
    const number = this.sizes.number(size);
    for (const segment of this.of(size)) {
      const last = space.previous(segment);
      if (last >= 0) continue;
      const used = space.start(last) - space.start(segment);
      const rest = space.segmentLength(segment) - roundUp(used, PAGE);
      if (used === 0) {
        if (this.cursors.data[number] === segment) this.cursors.data[number] = 0;
        space.unmap(segment);
      } else if (rest > 0) space.trim(rest, segment);
    }
    if (this.cursors.data[number] === 0) [this.cursors.data[number] = 0] = this.of(size);
  }

  /** Throws unless each block is a cell of its segment, and no free cell lies below a cursor. */
  validate(): void {
    const { space } = this;
    for (const size of this.all()) {
      const cursor = this.cursors.data[this.sizes.number(size)];
      if (cursor === 0) throw new SpaceError(`the cells of ${size} bytes have segments and no cursor`);
      for (const segment of this.of(size))
        for (let node = space.next(segment); node !== segment; node = space.next(node)) {
          const at = space.start(node) - space.start(segment);
          if (at % size !== 0 || (node > 0 && space.length(node) !== size))
            throw new SpaceError(`[${space.start(node)}, ${space.end(node)}) is no cell of ${size} bytes`);
        }
    }
  }

  /** The next segment of the same size; 0 if there is none. */
  private behind(segment: Segment): Segment {
    const { space } = this;
    return this.of(this.size(segment)).find((each) => space.start(each) > space.start(segment)) ?? 0;
  }

  private extend(segment: Segment, bytes: number): boolean {
    return this.space.extend(bytes, segment) !== 0;
  }

  private map(size: number, bytes: number): boolean {
    const { space } = this;
    let start = this.gap(this.stride, Math.max(bytes, this.stride));
    if (start < 0) start = this.gap(PAGE, bytes);
    if (start < 0) return false;
    const segment = space.map(bytes, start);
    this.cells.grow(segment + 1);
    this.cells.data[segment] = size;
    this.rewind(size, segment);
    return true;
  }

  /** The lowest multiple of `step` from which on `bytes` belong to no segment; -1 if there is none. */
  private gap(step: number, bytes: number): Address {
    const { space } = this;
    let at = 0;
    for (const segment of space.segments()) {
      if (space.start(segment) >= at + bytes) break;
      at = Math.max(at, Math.ceil(space.segmentEnd(segment) / step) * step);
    }
    return at + bytes <= space.limit ? at : -1;
  }
}
