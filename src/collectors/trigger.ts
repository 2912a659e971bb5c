/**
 * When a collector collects, and when it extends its heap or gives up instead. Real runtimes weigh pauses, processors
 * and memory; these are the plain rules behind most of them. A request that finds no room has a collection run if
 *
 *   dead + free >= its block              what must fail is not begun: here the dead are known, and a real collector
 *                                         would find out by trying, again and again as memory runs out
 *   allocated >= max(live, 64 KiB)        in a heap that grows: bytes since the last collection against bytes live
 *                                         after it, as GOGC=100 does in Go. Otherwise the heap is extended
 *   left >= 2% or dead >= 2%              in an arena: what the last collection left free, or what has died since,
 *                                         in percent of the heap. Otherwise it is out of memory (HotSpot's
 *                                         GCHeapFreeLimit): it would collect for every few objects
 *
 * Where the trace has references the dead are not known. Then only these hold, of which the second is exact: nothing
 * else can have died since the last collection than what was let go of since, or allocated.
 *
 *   allocated >= max(live, 64 KiB)        in a heap that grows
 *   allocated >= 2% or something let go   in an arena: a reference overwritten, a root or pin taken off, a free
 *
 * So a heap that grows stays below twice what lives, the least budget and fragmentation apart, and marking is paid
 * for by allocation.
 */
import type { Column } from "../space/columns.ts";
import { Counter, type Space } from "../space/space.ts";

const LEAST_BUDGET = 64 * 1024;
const LEAST_FREE = 0.02;

export class Trigger {
  readonly #space: Space;
  /** [bytes of blocks allocated since the last collection; after it, bytes of live blocks and of holes; `letGo`]. */
  readonly #state: Column<Float64Array>;

  constructor(space: Space) {
    this.#space = space;
    this.#state = space.columns.float64(4);
    this.#state.data[2] = Number.POSITIVE_INFINITY;
  }

  allocated(bytes: number): void {
    this.#state.data[0] += bytes;
  }

  /** A collection has ended. */
  collected(): void {
    this.#state.data[0] = 0;
    this.#state.data[1] = this.#space.counter(Counter.blockBytes);
    this.#state.data[2] = this.#space.holeBytes;
    this.#state.data[3] = this.#space.graph.letGo;
  }

  /** Whether to collect for a block of `length` bytes that finds no room. */
  due(length: number): boolean {
    const space = this.#space;
    const [allocated, live, left, letGo] = this.#state.data;
    const dead = space.counter(Counter.garbageBytes);
    const known = !space.graph.on;
    if (known && (dead === 0 || dead + space.holeBytes < length)) return false;
    if (space.grows) return allocated >= Math.max(live, LEAST_BUDGET);
    const least = LEAST_FREE * (space.counter(Counter.heapBytes) - space.counter(Counter.controlBytes));
    if (!known) return allocated >= least || space.graph.letGo > letGo;
    return left >= least || dead >= least;
  }
}
