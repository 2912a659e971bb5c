/**
 * The objects that live, by their rows and by their ids. All of it is bounded by the most objects that ever live at
 * once, whether ids are dense or sparse, and however many objects have died.
 *
 * Encoding. Row r, 0 .. rows - 1, holds the object objects[2 * r] of objects[2 * r + 1] bytes; the first is NONE where none
 * lives. `order` is a permutation of the rows: order[count ..] are free, the one that is given next first, so those that were never
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
/** There is room for so many at least. */
const LEAST_ROWS = 1024;
/** One of so many births may drive another object out. */
const MOST_DRIVEN_OUT = 128;

/** The tables, at their longest, where compiled reading has them (compiled.ts). */
export interface Tables {
  readonly order: Int32Array<ArrayBuffer>;
  readonly objects: Int32Array<ArrayBuffer>;
  readonly window: Int32Array<ArrayBuffer>;
}

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

  private order = new Int32Array(0);
  private objects = new Int32Array(0);
  private window: Int32Array;
  readonly older = new Map<number, number>();
  /** Since there is this window: objects that were driven out of it; and births before that. */
  private drivenOut = 0;
  private birthsBefore = 0;
  /** The window and `older` are not those of the objects that live. */
  private stale = false;
  /** Where the tables lie until they outgrow it. */
  private tables: Tables | undefined;

  constructor(tables?: Tables) {
    this.tables = tables;
    this.window = this.newWindow(LEAST_A_ROW * LEAST_ROWS);
    this.lengthen(LEAST_ROWS);
  }

  /** Whether the tables lie where they were given. */
  get shared(): boolean {
    return this.tables !== undefined;
  }

  /** Entries of the window. */
  get windowLength(): number {
    return this.window.length;
  }

  /** The object's row; -1 if no such object lives. */
  row(id: number): number {
    if (this.stale) this.renewWindow();
    const row = this.window[id & (this.window.length - 1)];
    if (this.objects[2 * row] === id && id >= 0) return row;
    return this.older.get(id) ?? NONE;
  }

  /** The id of the object that lives in a row; -1 if none does. */
  idOf(row: number): number {
    return row < this.rows ? this.objects[2 * row] : NONE;
  }

  /** The row that the next object gets. */
  get nextRow(): number {
    this.makeRoom(1);
    return this.order[this.count];
  }

  /** Rows for so many births. */
  makeRoom(births: number): void {
    const needed = this.count + births;
    const had = this.order.length;
    if (needed > had) this.lengthen(Math.max(needed, 2 * had));
  }

  /** How many objects the tables have room for. */
  get room(): number {
    return this.order.length;
  }

  /** Objects were born and died by their rows alone: those that live are to be looked for before an id is. */
  changedByRow(): void {
    this.stale = true;
  }

  /** Makes sure that so many objects may be born. */
  reserve(births: number): void {
    this.makeRoom(births);
    if (this.stale) this.renewWindow();
    const aRow = this.window.length / Math.max(1, this.rows);
    const crowded = this.drivenOut * MOST_DRIVEN_OUT > this.births - this.birthsBefore;
    if (aRow < LEAST_A_ROW || (crowded && 2 * aRow <= MOST_A_ROW)) this.widen();
  }

  /** After `reserve`. The id, 0 .. LARGEST_ID, is that of no object that lives. Returns its row. */
  born(id: number, bytes: number): number {
    const row = this.order[this.count++];
    if (this.count > this.rows) this.rows = this.count;
    this.show(id, row);
    this.objects[2 * row] = id;
    this.objects[2 * row + 1] = bytes;
    if (this.births++ === 0) this.firstId = id;
    else if (id !== this.largestId + 1) this.consecutive = false;
    if (id > this.largestId) this.largestId = id;
    this.account(bytes);
    return row;
  }

  /** `row` is that of object `id`, as in the others below. */
  resized(row: number, bytes: number): void {
    this.account(bytes - this.objects[2 * row + 1]);
    this.objects[2 * row + 1] = bytes;
    this.reallocated = true;
  }

  died(id: number, row: number): void {
    if (this.window[id & (this.window.length - 1)] !== row) this.older.delete(id);
    this.order[--this.count] = row;
    this.objects[2 * row] = NONE;
    this.account(-this.objects[2 * row + 1]);
  }

  /**
   * The same for events from .. to - 1, which are all malloc, calloc, memalign, realloc and free with numbers that may
   * be; their rows are filled in. Returns the first that is not possible, or `to`. One loop with its state in locals.
   */
  take({ op, row, id, bytes }: Events, from: number, to: number): number {
    this.reserve(to - from);
    const { order, objects, window, older } = this;
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
      const shown = objects[2 * r];
      if (what <= Op.memalign) {
        if (object === largestId + 1) largestId = object;
        else {
          if (object > largestId) largestId = object;
          else if (this.row(object) >= 0) break;
          consecutive = false;
        }
        if (shown >= 0 && ((shown ^ object) & mask) === 0) {
          older.set(shown, r);
          drivenOut++;
        }
        r = order[count++];
        if (count > rows) rows = count;
        window[at] = r;
        objects[2 * r] = object;
        births++;
        bytesNow += objects[2 * r + 1] = bytes[i];
      } else {
        if (shown !== object) {
          r = older.get(object) ?? NONE;
          if (r === NONE) break;
          if (what === Op.free) older.delete(object);
        }
        bytesNow -= objects[2 * r + 1];
        if (what === Op.free) {
          order[--count] = r;
          objects[2 * r] = NONE;
        } else {
          bytesNow += objects[2 * r + 1] = bytes[i];
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
    const { window, objects } = this;
    const mask = window.length - 1;
    const before = window[id & mask];
    const shown = objects[2 * before];
    if (before !== row && shown >= 0 && ((shown ^ id) & mask) === 0) this.driveOut(shown, before);
    window[id & mask] = row;
  }

  /** Object `id` of `row`, which lives, is not in the window any more. */
  driveOut(id: number, row: number): void {
    this.older.set(id, row);
    this.drivenOut++;
  }

  private lengthen(room: number): void {
    const had = this.order.length;
    const { tables } = this;
    if (tables && room <= tables.order.length) {
      this.order = tables.order.subarray(0, room);
      this.objects = tables.objects.subarray(0, 2 * room);
    } else {
      this.tables = undefined;
      this.order = longer(this.order, room);
      this.objects = longer(this.objects, 2 * room);
    }
    this.objects.fill(NONE, 2 * had);
    for (let row = had; row < room; row++) this.order[row] = row;
  }

  private renewWindow(): void {
    this.stale = false;
    let length = this.window.length;
    while (length < LEAST_A_ROW * this.rows) length *= 2;
    this.fillWindow(length);
  }

  private widen(): void {
    this.fillWindow(this.window.length * 2);
  }

  private fillWindow(length: number): void {
    this.window = this.newWindow(length);
    this.older.clear();
    const { objects } = this;
    for (let row = 0; row < this.rows; row++) if (objects[2 * row] !== NONE) this.show(objects[2 * row], row);
    this.drivenOut = 0;
    this.birthsBefore = this.births;
  }

  private newWindow(length: number): Int32Array {
    const { tables } = this;
    if (tables && length <= tables.window.length) return tables.window.subarray(0, length).fill(0);
    this.tables = undefined;
    return new Int32Array(length);
  }
}

function longer(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const roomy = new Int32Array(length);
  roomy.set(column);
  return roomy;
}
