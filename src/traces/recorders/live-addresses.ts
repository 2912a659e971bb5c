/**
 * The ids of the live objects by their addresses: a hash table of numbers with linear probing and no tombstones
 * (Knuth, The Art of Computer Programming 3, 6.4, algorithms L and R), so its size is bounded by the most objects that
 * ever live at once.
 *
 * Encoding: entry i is addresses[i], ids[i]; an empty one has address 0, which is no object's. There are
 * 2^(32 - shift) entries, at most half of them used.
 */
export class LiveAddresses {
  private addresses = new Float64Array(1024);
  private ids = new Int32Array(1024);
  private shift = 22;
  private used = 0;

  /** The entry of `address`, a whole number from 1 to 2^52 - 1, or the empty one where it would go. */
  find(address: number): number {
    const { addresses } = this;
    const mask = addresses.length - 1;
    let at = homeOf(address, this.shift);
    while (addresses[at] !== address && addresses[at] !== 0) at = (at + 1) & mask;
    return at;
  }

  /** The id in an entry; 0 when it is empty. Ids are from 1. */
  idAt(entry: number): number {
    return this.ids[entry];
  }

  /** `address` has none. */
  set(address: number, id: number): void {
    if (this.used * 2 >= this.addresses.length) this.grow();
    const entry = this.find(address);
    this.addresses[entry] = address;
    this.ids[entry] = id;
    this.used++;
  }

  /** Entries behind it that could be in its place move up. */
  empty(entry: number): void {
    const { addresses, ids, shift } = this;
    const mask = addresses.length - 1;
    let gap = entry;
    for (let at = (gap + 1) & mask; addresses[at] !== 0; at = (at + 1) & mask) {
      if (((at - homeOf(addresses[at], shift)) & mask) < ((at - gap) & mask)) continue;
      addresses[gap] = addresses[at];
      ids[gap] = ids[at];
      gap = at;
    }
    addresses[gap] = 0;
    ids[gap] = 0;
    this.used--;
  }

  /** Empties all; the ids that there were, in their order. */
  clear(): Int32Array {
    const ids = this.ids.filter((id) => id > 0).sort();
    this.addresses.fill(0);
    this.ids.fill(0);
    this.used = 0;
    return ids;
  }

  private grow(): void {
    const { addresses, ids } = this;
    this.addresses = new Float64Array(addresses.length * 2);
    this.ids = new Int32Array(addresses.length * 2);
    this.shift--;
    this.used = 0;
    for (let i = 0; i < addresses.length; i++) if (addresses[i] !== 0) this.set(addresses[i], ids[i]);
  }
}

/** Blocks lie at multiples of 8 or 16: multiplicative hashing takes its top bits from all of them. */
const homeOf = (address: number, shift: number): number => {
  const low = address | 0;
  const high = (address / 0x1_0000_0000) | 0;
  return Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> shift;
};
