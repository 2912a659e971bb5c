/**
 * The objects that live, by their rows and by their ids. All of it is bounded by the most objects that ever live at
 * once, whether ids are dense or sparse, and however many objects have died.
 *
 * Encoding. Row r, 0 .. rows - 1, holds the object ids[r] of sizes[r] bytes; ids[r] is NONE where none lives. `order`
 * is a permutation of the rows: order[count ..] are free, the one that is given next first, so those that were never
 * given come last, in their order.
 *
 * window[id & mask] is the row of the youngest object with these low bits: ids are mostly counted upwards, so it lies
 * beside that of the object before. What a younger one drove out of it while it lived is in `older`. A window has 8
 * entries for each row, and up to 32 where that happens to many.
 */
import { Op } from "./trace.ts";

const NONE = -1;
/** Entries of the window for each row, at least and at most. */
const LEAST_A_ROW = 8;
const MOST_A_ROW = 32;
/** One of so many births may drive another object out. */
const MOST_DRIVEN_OUT = 128;

/** The columns of events that are looked at, and `row`, which is filled in. */
interface Events {
  readonly op: Uint8Array;
  readonly row: Int32Array;
  readonly id: Int32Array;
  readonly bytes: Int32Array;
}

export class LiveObjects {
  /** Those that live now, and the most that ever did at once. */
  count = 0;
  rows = 0;
  /** Bytes that they asked for. */
  bytes = 0;
  peakBytes = 0;
  births = 0;
  firstId = 1;
  largestId = 0;
  /** Every id so far was one more than the one before: then those in firstId .. largestId have been seen. */
  consecutive = true;
  reallocated = false;

  private order = Int32Array.from({ length: 1024 }, (_, row) => row);
  private ids = new Int32Array(1024).fill(NONE);
  private sizes = new Int32Array(1024);
  private window = new Int32Array(1 << 16);
  private readonly older = new Map<number, number>();
  /** Since there is this window: objects that were driven out of it; and births before that. */
  private drivenOut = 0;
  private birthsBefore = 0;

  /** The object's row; -1 if no such object lives. */
  row(id: number): number {
    const row = this.window[id & (this.window.length - 1)];
    if (this.ids[row] === id && id >= 0) return row;
    return this.older.get(id) ?? NONE;
  }

  /** Makes sure that so many objects may be born. */
  reserve(births: number): void {
    const needed = this.count + births;
    const had = this.order.length;
    if (needed > had) {
      const room = Math.max(needed, 2 * had);
      this.order = longer(this.order, room);
      this.ids = longer(this.ids, room).fill(NONE, had);
      this.sizes = longer(this.sizes, room);
      for (let row = had; row < room; row++) this.order[row] = row;
    }
    const aRow = this.window.length / Math.max(1, this.rows);
    const crowded = this.drivenOut * MOST_DRIVEN_OUT > this.births - this.birthsBefore;
    if (aRow < LEAST_A_ROW || (crowded && 2 * aRow <= MOST_A_ROW)) this.widen();
  }

  /** After `reserve`. The id, 0 .. LARGEST_ID, is that of no object that lives. Returns its row. */
  born(id: number, bytes: number): number {
    const row = this.order[this.count++];
    if (this.count > this.rows) this.rows = this.count;
    this.show(id, row);
    this.ids[row] = id;
    this.sizes[row] = bytes;
    if (this.births++ === 0) this.firstId = id;
    else if (id !== this.largestId + 1) this.consecutive = false;
    if (id > this.largestId) this.largestId = id;
    this.account(bytes);
    return row;
  }

  /** `row` is that of object `id`, as in the others below. */
  resized(row: number, bytes: number): void {
    this.account(bytes - this.sizes[row]);
    this.sizes[row] = bytes;
    this.reallocated = true;
  }

  died(id: number, row: number): void {
    if (this.window[id & (this.window.length - 1)] !== row) this.older.delete(id);
    this.order[--this.count] = row;
    this.ids[row] = NONE;
    this.account(-this.sizes[row]);
  }

  /**
   * The same for events from .. to - 1, which are all malloc, calloc, memalign, realloc and free with numbers that may
   * be; their rows are filled in. Returns the first that is not possible, or `to`. One loop with its state in locals.
   */
  take({ op, row, id, bytes }: Events, from: number, to: number): number {
    this.reserve(to - from);
    const { order, ids, sizes, window, older } = this;
    const mask = window.length - 1;
    let { count, rows, births, largestId, consecutive, bytes: bytesNow, peakBytes, drivenOut } = this;
    if (births === 0 && from < to && op[from] <= Op.memalign) {
      this.firstId = id[from];
      largestId = id[from] - 1;
    }
    let i = from;
    for (; i < to; i++) {
      const what = op[i];
      const object = id[i];
      const at = object & mask;
      let r = window[at];
      const shown = ids[r];
      if (what <= Op.memalign) {
        if (object <= largestId && this.row(object) >= 0) break;
        if (shown >= 0 && ((shown ^ object) & mask) === 0) {
          older.set(shown, r);
          drivenOut++;
        }
        r = order[count++];
        if (count > rows) rows = count;
        window[at] = r;
        ids[r] = object;
        births++;
        if (object !== largestId + 1) consecutive = false;
        if (object > largestId) largestId = object;
        bytesNow += sizes[r] = bytes[i];
      } else {
        if (shown !== object) {
          r = older.get(object) ?? NONE;
          if (r === NONE) break;
          if (what === Op.free) older.delete(object);
        }
        bytesNow -= sizes[r];
        if (what === Op.free) {
          order[--count] = r;
          ids[r] = NONE;
        } else {
          bytesNow += sizes[r] = bytes[i];
          this.reallocated = true;
        }
      }
      if (bytesNow > peakBytes) peakBytes = bytesNow;
      row[i] = r;
    }
    this.count = count;
    this.rows = rows;
    this.births = births;
    this.largestId = largestId;
    this.consecutive = consecutive;
    this.bytes = bytesNow;
    this.peakBytes = peakBytes;
    this.drivenOut = drivenOut;
    return i;
  }

  private account(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.peakBytes) this.peakBytes = this.bytes;
  }

  /** Object `id` of `row` becomes the youngest with its low bits. */
  private show(id: number, row: number): void {
    const { window, ids } = this;
    const mask = window.length - 1;
    const before = window[id & mask];
    const shown = ids[before];
    if (before !== row && shown >= 0 && ((shown ^ id) & mask) === 0) {
      this.older.set(shown, before);
      this.drivenOut++;
    }
    window[id & mask] = row;
  }

  private widen(): void {
    this.window = new Int32Array(this.window.length * 2);
    this.older.clear();
    for (let row = 0; row < this.rows; row++) if (this.ids[row] !== NONE) this.show(this.ids[row], row);
    this.drivenOut = 0;
    this.birthsBefore = this.births;
  }
}

function longer(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const roomy = new Int32Array(length);
  roomy.set(column);
  return roomy;
}
