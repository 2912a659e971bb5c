/**
 * Which arena serves a thread, and which one has a chunk. The first thread that asks has the main arena. Every other one
 * gets an arena of its own, until there are as many as there may be; from then on they are shared, in turn:
 *
 *   0, n - 1, n - 2 .. 1, 0 ...: glibc's ring has each new arena behind the main one
 *
 * No thread ever finds an arena locked, so none ever leaves its own; none ends, so none is ever taken over.
 */
import type { Column } from "../../space/columns.ts";
import type { Address, Space } from "../../space/space.ts";
import { Arena } from "./arena.ts";
import { ArenaHeaps } from "./arena-heaps.ts";
import { Chunks } from "./chunks.ts";
import { HeapTop } from "./heap-top.ts";
import { Heaps } from "./heaps.ts";
import { Layout } from "./layout.ts";
import { ThreadCache } from "./thread-cache.ts";
import type { Thresholds } from "./thresholds.ts";

/** In the state: arenas in use, and the one that is shared next. */
const COUNT = 0;
const SHARED = 1;

export class Arenas {
  readonly main: Arena;
  /** By number; the main one is 0. Those that no thread has had yet have no heap. */
  readonly all: readonly Arena[];
  /** Of the thread that asked last. */
  readonly cache: ThreadCache;
  /** Undefined where there is the main arena alone. */
  readonly heaps: Heaps | undefined;
  private readonly space: Space;
  private readonly byThread: boolean;
  /** By thread: the number of its arena and 1; 0 if it has none yet. */
  private readonly attached: Column<Int32Array>;
  private readonly state: Column<Int32Array>;

  /** At most `most` arenas. With 1 all threads are one. Without mmap, in a heap of fixed size, all share the main arena. */
  constructor(space: Space, bits: string, thresholds: Thresholds, most: number, cached: number) {
    const heapMost = bits === "64" ? 64 * 1024 * 1024 : 1024 * 1024;
    const heaps = most > 1 && space.grows ? new Heaps(space, heapMost) : undefined;
    const layouts = Array.from({ length: heaps ? most : 1 }, (_, i) =>
      heaps && i > 0 ? new ArenaHeaps(space, bits, heaps, i) : new Layout(bits),
    );
    const chunks = layouts.map((layout, i) => new Chunks(space, layout, i));
    this.cache = new ThreadCache(space, chunks, layouts[0], cached);
    this.all = layouts.map((layout, i) => new Arena(space, chunks[i], this.cache, layout, thresholds));
    this.main = this.all[0];
    this.heaps = heaps;
    this.space = space;
    this.byThread = most > 1;
    this.attached = space.columns.int32(1);
    this.state = space.columns.int32(2);
  }

  /** The arena of `thread`, whose cache is in use from now on. One that is made for it has room for `bytes`, if possible. */
  of(thread: number, bytes: number): Arena {
    if (!this.byThread) return this.main;
    this.cache.use(thread);
    if (this.heaps === undefined) return this.main;
    this.attached.grow(thread + 1);
    const number = this.attached.data[thread] - 1;
    return number < 0 ? this.attach(thread, bytes) : this.all[number];
  }

  /** The arena that has the chunk whose payload is at `address`; it is not one that is mapped by itself. */
  owner(address: Address): Arena {
    const { heaps } = this;
    if (heaps === undefined || address < this.space.limit) return this.main;
    return this.all[heaps.arena(heaps.region(address))];
  }

  /** In the main arena the offset in the heap; in another heap its number, from 1, and the offset there: `1:2272`. */
  place(address: Address): string {
    const { heaps } = this;
    if (heaps === undefined || address < this.space.limit) return String(address);
    const region = heaps.region(address);
    return `${region + 1}:${address - heaps.start(region)}`;
  }

  private attach(thread: number, bytes: number): Arena {
    const state = this.state.data;
    let number = state[COUNT];
    const isNew = number < this.all.length && (number === 0 || this.begin(number, bytes));
    if (isNew) state[COUNT]++;
    else {
      number = state[SHARED];
      state[SHARED] = (number === 0 ? state[COUNT] : number) - 1;
    }
    this.attached.data[thread] = number + 1;
    return this.all[number];
  }

  private begin(number: number, bytes: number): boolean {
    const { top } = this.all[number];
    return top instanceof HeapTop && top.begin(bytes);
  }
}
