/**
 * The sequential fits again, as plainly as can be: an array of pieces in address order, another of the free ones in the
 * list's order, everything searched for. For comparison, step by step.
 */
export interface NaiveOptions {
  readonly fit: string;
  readonly header: number;
  readonly alignment: number;
  readonly order: string;
  readonly split: number;
  readonly coalesce: string;
}

interface Piece {
  start: number;
  length: number;
  free: boolean;
}

const up = (n: number, to: number) => Math.ceil(n / to) * to;

export class NaiveFit {
  readonly #options: NaiveOptions;
  readonly #heap: number | "grow";
  readonly #smallest: number;
  /** In address order. */
  pieces: Piece[] = [];
  /** The free ones, in the list's order. */
  list: Piece[] = [];
  /** Entries of the list looked at so far, by all searches. */
  looked = 0;
  #rover: Piece | undefined;
  #end: number;

  constructor(options: NaiveOptions, heap: number | "grow") {
    this.#options = options;
    this.#heap = heap;
    this.#smallest = up(options.header + 1, options.alignment);
    const origin = up(options.header, options.alignment) - options.header;
    this.#end = heap === "grow" ? origin : heap;
    if (heap !== "grow") this.#freed({ start: origin, length: heap - origin, free: true });
  }

  get end(): number {
    return this.#end;
  }

  allocate(bytes: number, align: number): number {
    const need = up(this.#options.header + Math.max(bytes, 1), this.#options.alignment);
    let piece = this.#search(need, align);
    if (!piece && this.#options.coalesce === "deferred" && this.#coalesce())
      piece = this.#search(need, align);
    piece ??= this.#extended(need, align);
    if (!piece) return -1;
    const at = this.#aligned(piece.start, align);
    const rest = piece.start + piece.length - at - need;
    const length = this.#splits(rest) ? need : need + rest;
    this.#cut(piece, at, length);
    return at + this.#options.header;
  }

  free(address: number): void {
    const piece = this.#blockOf(address);
    this.pieces.splice(this.pieces.indexOf(piece), 1);
    this.#freed({ ...piece, free: true });
  }

  reallocate(address: number, bytes: number): number {
    const { header, alignment } = this.#options;
    const need = up(header + Math.max(bytes, 1), alignment);
    const piece = this.#blockOf(address);
    const end = piece.start + piece.length;
    const next = this.pieces[this.pieces.indexOf(piece) + 1];
    if (need <= piece.length) {
      if (!this.#splits(piece.length - need)) return address;
      piece.length = need;
      this.#freed({ start: piece.start + need, length: end - piece.start - need, free: true });
      return address;
    }
    if (next?.free && piece.length + next.length >= need) {
      const rest = piece.length + next.length - need;
      const taken = this.#splits(rest) ? need - piece.length : next.length;
      piece.length += taken;
      next.start += taken;
      next.length -= taken;
      if (next.length === 0) {
        this.pieces.splice(this.pieces.indexOf(next), 1);
        this.#leave(next);
      }
      return address;
    }
    const to = this.allocate(bytes, 0);
    if (to >= 0) this.free(address);
    return to;
  }

  #splits(rest: number): boolean {
    return rest >= Math.max(this.#options.split, this.#smallest);
  }

  /** Where a block would begin in a range at `start`. */
  #aligned(start: number, align: number): number {
    const { header, alignment } = this.#options;
    for (let at = start; ; at += alignment)
      if ((at + header) % Math.max(align, alignment) === 0 && (at === start || at - start >= this.#smallest))
        return at;
  }

  #search(need: number, align: number): Piece | undefined {
    const fits = (piece: Piece) => this.#aligned(piece.start, align) + need <= piece.start + piece.length;
    const { fit } = this.#options;
    if (fit === "first-fit") return this.#firstOf(this.list, fits);
    const all = this.list.filter(fits);
    const best = all.find(({ length }) => length === Math.min(...all.map((one) => one.length)));
    if (fit === "best-fit") {
      this.looked += best?.length === need ? this.list.indexOf(best) + 1 : this.list.length; // an exact fit ends it
      return best;
    }
    if (fit === "worst-fit") {
      this.looked += this.list.length;
      return all.find(({ length }) => length === Math.max(...all.map((one) => one.length)));
    }
    const at = this.#rover ? this.list.indexOf(this.#rover) : 0;
    const found = this.#firstOf([...this.list.slice(at), ...this.list.slice(0, at)], fits);
    if (found) this.#rover = found;
    return found;
  }

  #firstOf(pieces: readonly Piece[], fits: (piece: Piece) => boolean): Piece | undefined {
    const i = pieces.findIndex(fits);
    this.looked += i < 0 ? pieces.length : i + 1;
    return pieces[i];
  }

  #extended(need: number, align: number): Piece | undefined {
    if (this.#heap !== "grow") return undefined;
    const last = this.pieces.at(-1);
    const start = last?.free ? last.start : this.#end;
    const end = this.#aligned(start, align) + need;
    const more = { start: this.#end, length: end - this.#end, free: true };
    this.#end = end;
    if (this.#options.coalesce === "immediate" || !last?.free) return this.#freed(more);
    last.length += more.length;
    return last;
  }

  /** Makes [at, at + length) of a free piece a block. */
  #cut(piece: Piece, at: number, length: number): void {
    const end = piece.start + piece.length;
    const i = this.pieces.indexOf(piece);
    const block = { start: at, length, free: false };
    if (at > piece.start) {
      piece.length = at - piece.start;
      this.pieces.splice(i + 1, 0, block);
      if (at + length < end) this.#freed({ start: at + length, length: end - at - length, free: true });
    } else if (at + length < end) {
      piece.start = at + length;
      piece.length = end - at - length;
      this.pieces.splice(i, 0, block);
    } else {
      this.pieces.splice(i, 1, block);
      this.#leave(piece);
    }
  }

  /** A piece came free: merged with its neighbours, unless that is put off, it goes on the list. */
  #freed(piece: Piece): Piece {
    const i = this.pieces.filter(({ start }) => start < piece.start).length;
    const below = this.pieces[i - 1];
    const above = this.pieces[i];
    this.pieces.splice(i, 0, piece);
    if (this.#options.coalesce === "deferred") return this.#enter(piece);
    if (!below?.free && !above?.free) return this.#enter(piece);
    const whole = below?.free ? below : above;
    if (below?.free && above?.free) {
      below.length += piece.length + above.length;
      this.pieces.splice(i, 2);
      this.#leave(above);
    } else if (below?.free) {
      below.length += piece.length;
      this.pieces.splice(i, 1);
    } else {
      above.start -= piece.length;
      above.length += piece.length;
      this.pieces.splice(i, 1);
    }
    if (this.#options.order === "address") return whole;
    this.#leave(whole);
    return this.#enter(whole);
  }

  #enter(piece: Piece): Piece {
    const { order } = this.#options;
    if (order === "lifo") this.list.unshift(piece);
    else this.list.push(piece);
    if (order === "address") this.list.sort((a, b) => a.start - b.start);
    return piece;
  }

  #leave(piece: Piece): void {
    const i = this.list.indexOf(piece);
    if (this.#rover === piece) this.#rover = this.list[i + 1];
    this.list.splice(i, 1);
  }

  /** Returns whether there was anything to merge. */
  #coalesce(): boolean {
    const { length } = this.list;
    for (let i = 0; i + 1 < this.pieces.length; i++)
      while (this.pieces[i].free && this.pieces[i + 1]?.free) {
        const [next] = this.pieces.splice(i + 1, 1);
        this.pieces[i].length += next.length;
        this.#leave(next);
      }
    return this.list.length < length;
  }

  #blockOf(address: number): Piece {
    const piece = this.pieces.find(({ start, free }) => !free && start === address - this.#options.header);
    if (!piece) throw new Error(`the naive model has no block for ${address}`);
    return piece;
  }
}
