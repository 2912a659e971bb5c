/**
 * Free chunks in a ring for each power of two of their length, with a bitmap of the rings that have any: first in,
 * first out. Each ring has a place where a search begins, which the search moves on, and so does a removal: it goes to
 * the chunk behind the one removed, wherever in the ring that was. A new chunk goes in before the place. All is O(1).
 *
 *   bucket(s) = floor(log2(s - least + 1)), s in chunks; holes shorter than `least` are in no ring
 */
import type { HoleIndex, Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { type Address, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

export class BucketRings implements HoleIndex {
  private readonly space: Space;
  private readonly least: number;
  /** links[2 * h] and links[2 * h + 1]: the holes before and after hole -h in its ring. */
  private readonly links: Column<Int32Array>;
  /** The hole at each ring's place, as a row; 0 if the ring is empty. */
  private readonly places: Column<Int32Array>;
  /** [bit i: ring i has a hole]. */
  private readonly any: Column<Int32Array>;

  /** `least` and `longest`: chunks of the shortest hole that is kept, and of the longest one there may be. */
  constructor(space: Space, least: number, longest: number) {
    this.space = space;
    this.least = least;
    this.links = space.columns.int32(128);
    this.places = space.columns.int32(this.bucket(Math.max(longest, least)) + 1);
    this.any = space.columns.int32(1);
  }

  bucket(chunks: number): number {
    return 31 - Math.clz32(chunks - this.least + 1);
  }

  /** The hole at the ring's place, 0 if it has none. */
  first(bucket: number): Node {
    return -this.places.data[bucket];
  }

  next(hole: Node): Node {
    return -this.links.data[-2 * hole + 1];
  }

  /** The ring's next search begins at `hole`, which is in it. */
  turn(bucket: number, hole: Node): void {
    this.places.data[bucket] = -hole;
  }

  /** The lowest bucket above `bucket` whose ring has a hole; -1 if there is none. */
  above(bucket: number): number {
    const higher = this.any.data[0] & (-2 << bucket);
    return higher === 0 ? -1 : 31 - Math.clz32(higher & -higher);
  }

  appear(hole: Node): void {
    this.insert(-hole, this.chunks(this.space.length(hole)));
  }

  vanish(hole: Node): void {
    this.remove(-hole, this.chunks(this.space.length(hole)));
  }

  /** Taken out, and put in anew behind all others. */
  change(hole: Node, _oldStart: Address, oldLength: number): void {
    this.remove(-hole, this.chunks(oldLength));
    this.insert(-hole, this.chunks(this.space.length(hole)));
  }

  /** The rings that have holes, the shortest lengths first, each from its place on. */
  show(show: InternalsSink): void {
    const { granule } = this.space;
    this.places.data.forEach((place, bucket) => {
      if (place === 0) return;
      show.list(`bucket ${bucket}, ${(2 ** bucket + this.least - 1) * granule} bytes and more`);
      let row = place;
      do {
        show.entry(this.space.start(-row), this.space.length(-row));
        row = this.links.data[2 * row + 1];
      } while (row !== place);
    });
  }

  /** Throws if a ring or the bitmap does not say what the space says. */
  validate(): void {
    const space = this.space;
    const links = this.links.data;
    let holes = 0;
    this.places.data.forEach((place, bucket) => {
      const what = `the ring of bucket ${bucket}`;
      if ((place !== 0) !== ((this.any.data[0] & (1 << bucket)) !== 0))
        throw new SpaceError(`${what} is ${place === 0 ? "" : "not "}empty, its bit says otherwise`);
      if (place === 0) return;
      let row = place;
      do {
        const start = space.start(-row);
        if (++holes > space.holes) throw new SpaceError(`the rings hold more than the ${space.holes} holes`);
        if (links[2 * links[2 * row + 1]] !== row)
          throw new SpaceError(`${what} is not linked back to ${start}`);
        if (space.at(start) !== -row) throw new SpaceError(`${what} holds ${start}, where no hole starts`);
        if (this.bucket(this.chunks(space.length(-row))) !== bucket)
          throw new SpaceError(`${what} holds ${space.length(-row)} bytes at ${start}, of another bucket`);
        row = links[2 * row + 1];
      } while (row !== place);
    });
    for (const segment of space.segments())
      for (let node = space.next(segment); node !== segment; node = space.next(node))
        if (node < 0 && this.chunks(space.length(node)) < this.least) holes++;
    if (holes !== space.holes)
      throw new SpaceError(`the rings account for ${holes} of the ${space.holes} holes of the space`);
  }

  private chunks(bytes: number): number {
    return bytes / this.space.granule;
  }

  private insert(row: number, chunks: number): void {
    if (chunks < this.least) return;
    const bucket = this.bucket(chunks);
    this.links.grow(2 * row + 2);
    const links = this.links.data;
    const place = this.places.data[bucket];
    if (place === 0) {
      this.places.data[bucket] = row;
      this.any.data[0] |= 1 << bucket;
      links[2 * row] = row;
      links[2 * row + 1] = row;
      return;
    }
    const before = links[2 * place];
    links[2 * row] = before;
    links[2 * row + 1] = place;
    links[2 * before + 1] = row;
    links[2 * place] = row;
  }

  private remove(row: number, chunks: number): void {
    if (chunks < this.least) return;
    const bucket = this.bucket(chunks);
    const links = this.links.data;
    const before = links[2 * row];
    const after = links[2 * row + 1];
    links[2 * before + 1] = after;
    links[2 * after] = before;
    this.places.data[bucket] = after === row ? 0 : after;
    if (after === row) this.any.data[0] &= ~(1 << bucket);
  }
}
