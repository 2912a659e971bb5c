/**
 * All mutable state of a space and of the policy on it lives in columns, so that any moment can be copied and
 * brought back without a line of code in the policy. A column is one growable typed array; hot code reads
 * `column.data` once an operation, since growing replaces it.
 */

import type { Arena, Kind, KindOf } from "../kernel/arena.ts";

/** A copy of a column: its entries but for those at its end that hold `fill`, and how many there were with them. */
export interface Saved {
  readonly data: Kind;
  readonly capacity: number;
}

export class Column<A extends Kind = Kind> {
  /** The array of now. `grow` replaces it; its length is the capacity. */
  data: A;
  private readonly fill: number;
  private readonly columns: Columns;

  constructor(columns: Columns, data: A, fill: number) {
    this.columns = columns;
    this.data = data;
    this.fill = fill;
    if (fill !== 0) data.fill(fill);
  }

  /** Makes index `length - 1` valid: at least doubles when it is not, so that growth is amortised O(1). */
  grow(length: number): void {
    const old = this.data;
    if (length <= old.length) return;
    this.data = this.like(Math.max(length, 2 * old.length, 16));
    this.data.set(old);
    if (this.fill !== 0) this.data.fill(this.fill, old.length);
  }

  save(): Saved {
    let length = this.data.length;
    while (length > 0 && this.data[length - 1] === this.fill) length--;
    return { data: this.data.slice(0, length), capacity: this.data.length };
  }

  restore({ data, capacity }: Saved): void {
    if (this.data.length < capacity) this.data = this.like(capacity);
    this.data.set(data);
    this.data.fill(this.fill, data.length);
  }

  private like(length: number): A {
    return this.columns.array(this.data.constructor as KindOf<A>, length);
  }
}

class Int32Column extends Column<Int32Array> {}
class Float64Column extends Column<Float64Array> {}
class Uint8Column extends Column<Uint8Array> {}

/** What `Columns.save` returns, a column each, in the order in which the columns were made. */
export type Snapshot = readonly Saved[];

/** Bytes that a snapshot holds. */
export const bytesOf = (snapshot: Snapshot): number =>
  snapshot.reduce((sum, { data }) => sum + data.byteLength, 0);

export class Columns {
  private readonly columns: Column[] = [];
  private readonly arena: Arena | undefined;

  /** `arena`: where all arrays are to lie, for a kernel to reach them. */
  constructor(arena?: Arena) {
    this.arena = arena;
  }

  /**
   * 4 bytes an entry, -2^31 .. 2^31 - 1. New entries hold `fill`. The array of a column that is never grown stays the
   * same: who makes it may keep its `data`.
   */
  int32(length = 0, fill = 0): Column<Int32Array> {
    return this.add(new Int32Column(this, this.array(Int32Array, length), fill));
  }

  /** 8 bytes an entry; whole numbers are exact to 2^53. */
  float64(length = 0, fill = 0): Column<Float64Array> {
    return this.add(new Float64Column(this, this.array(Float64Array, length), fill));
  }

  /** 1 byte an entry, 0 .. 255. */
  uint8(length = 0, fill = 0): Column<Uint8Array> {
    return this.add(new Uint8Column(this, this.array(Uint8Array, length), fill));
  }

  /** An array of zeros that is no column: it is not saved. */
  array<A extends Kind>(kind: KindOf<A>, length: number): A {
    return this.arena === undefined ? new kind(length) : this.arena.array(kind, length);
  }

  save(): Snapshot {
    return this.columns.map((column) => column.save());
  }

  /**
   * Brings back what `save` gave: the same code must have made the columns, in the same order. A snapshot may have more,
   * those of a policy, say, where there is none at work here.
   */
  restore(snapshot: Snapshot): void {
    if (snapshot.length < this.columns.length)
      throw new Error(
        `a snapshot of ${snapshot.length} columns does not fit a space of ${this.columns.length}`,
      );
    for (const [i, column] of this.columns.entries()) column.restore(snapshot[i]);
  }

  /** Bytes held by all columns, capacity included. */
  get byteLength(): number {
    return this.columns.reduce((sum, column) => sum + column.data.byteLength, 0);
  }

  private add<A extends Kind>(column: Column<A>): Column<A> {
    this.columns.push(column as unknown as Column);
    return column;
  }
}
