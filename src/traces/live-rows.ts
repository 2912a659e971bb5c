/**
 * The rows of the live objects by their ids: a hash table of integers with linear probing and no tombstones
 * (Knuth, The Art of Computer Programming 3, 6.4, algorithms L and R). Its size is bounded by the most objects that
 * ever live at once, whether ids are dense or sparse, and however many objects have died.
 *
 * Encoding: entry i is ids[i], rows[i]; an empty one is NONE, NONE. There are 2^(32 - shift) entries, at most half of
 * them used. An id's home is the top bits of id * 2^32 / golden ratio, modulo 2^32 (Knuth's multiplicative hashing).
 */
const NONE = -1;

export class LiveRows {
  private ids = new Int32Array(1024).fill(NONE);
  private rows = new Int32Array(1024).fill(NONE);
  private shift = 22;
  private used = 0;

  /** The entry of `id`, or the empty one where it would go. Good until the table next changes. */
  find(id: number): number {
    const ids = this.ids;
    const mask = ids.length - 1;
    let at = Math.imul(id, 0x9e3779b1) >>> this.shift;
    while (ids[at] !== id && ids[at] !== NONE) at = (at + 1) & mask;
    return at;
  }

  /** The row in an entry; -1 when it is empty. */
  rowAt(entry: number): number {
    return this.rows[entry];
  }

  /** Makes sure that there is room for one more. */
  reserve(): void {
    if (this.used * 2 >= this.ids.length) this.grow();
  }

  /** `entry` is what `find(id)` gave, and empty. */
  fill(entry: number, id: number, row: number): void {
    this.ids[entry] = id;
    this.rows[entry] = row;
    this.used++;
  }

  /** Entries behind it that could be in its place move up. */
  empty(entry: number): void {
    const ids = this.ids;
    const rows = this.rows;
    const shift = this.shift;
    const mask = ids.length - 1;
    let gap = entry;
    for (let at = (gap + 1) & mask; ids[at] !== NONE; at = (at + 1) & mask) {
      const home = Math.imul(ids[at], 0x9e3779b1) >>> shift;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      ids[gap] = ids[at];
      rows[gap] = rows[at];
      gap = at;
    }
    ids[gap] = NONE;
    rows[gap] = NONE;
    this.used--;
  }

  private grow(): void {
    const ids = this.ids;
    const rows = this.rows;
    const roomyIds = new Int32Array(ids.length * 2).fill(NONE);
    const roomyRows = new Int32Array(ids.length * 2).fill(NONE);
    this.ids = roomyIds;
    this.rows = roomyRows;
    this.shift--;
    this.used = 0;
    for (let i = 0; i < ids.length; i++) if (ids[i] !== NONE) this.fill(this.find(ids[i]), ids[i], rows[i]);
  }
}
