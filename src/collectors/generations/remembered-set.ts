/**
 * Fields of old objects in which references to young ones were stored, in that order: a sequential store buffer (The
 * Garbage Collection Handbook, section 11.8). A field may be in it more than once, and may refer to something else by
 * now; such entries are dropped when the buffer would grow, and before it is used.
 */
import type { Column } from "../../space/columns.ts";
import { type Slot, type Space, State } from "../../space/space.ts";
import type { Remembered } from "./evacuation.ts";
import type { YoungSpaces } from "./young-spaces.ts";

/** An entry is slot * FIELDS + field, exact up to 2^27 slots and objects of 2^26 fields. */
const FIELDS = 2 ** 26;

export class RememberedSet implements Remembered {
  private readonly space: Space;
  private readonly young: YoungSpaces;
  /** Entries from 1 on; entry 0 is how many. */
  private readonly buffer: Column<Float64Array>;

  constructor(space: Space, young: YoungSpaces) {
    this.space = space;
    this.young = young;
    this.buffer = space.columns.float64(64);
  }

  get size(): number {
    return this.buffer.data[0];
  }

  keep(source: Slot, field: number): void {
    if (this.size + 1 === this.buffer.data.length) {
      this.tidy();
      if (2 * this.size > this.buffer.data.length) this.buffer.grow(this.buffer.data.length + 1);
    }
    const entries = this.buffer.data;
    entries[++entries[0]] = source * FIELDS + field;
  }

  clear(): void {
    this.buffer.data[0] = 0;
  }

  /** The buffer's entries, each once; it is empty then. */
  take(): Float64Array {
    this.tidy();
    const taken = this.buffer.data.slice(1, this.size + 1);
    this.clear();
    return taken;
  }

  source(entry: number): Slot {
    return Math.floor(entry / FIELDS);
  }

  field(entry: number): number {
    return entry % FIELDS;
  }

  has(source: Slot, field: number): boolean {
    return this.buffer.data.subarray(1, this.size + 1).includes(source * FIELDS + field);
  }

  /** Drops what is there twice, and what no longer refers to a young object. */
  private tidy(): void {
    const entries = this.buffer.data;
    const seen = new Set<number>();
    let count = 0;
    for (let i = 1; i <= entries[0]; i++) {
      if (seen.has(entries[i]) || !this.isYoung(entries[i])) continue;
      seen.add(entries[i]);
      entries[++count] = entries[i];
    }
    entries[0] = count;
  }

  private isYoung(entry: number): boolean {
    const { space } = this;
    const source = this.source(entry);
    if (space.state(source) !== State.live || this.field(entry) >= space.graph.fields(source)) return false;
    const target = space.graph.target(source, this.field(entry));
    return target !== 0 && space.start(target) < this.young.end;
  }
}
