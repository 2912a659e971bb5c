/**
 * Holds a collector to what a collection must leave, at the end of each one, against the trace alone:
 *
 *   what is reachable is live, with its bytes; every reference of it leads to the object that the trace says
 *   nothing else is live, where the collector promises to find all that is not
 *   pinned objects have not moved; a collector that slides has kept the order of addresses
 *   bytes are conserved; what a compaction leaves free in a segment without pins is one hole
 */
import type { Guarantees } from "../allocators/contract.ts";
import { Cause } from "../allocators/contract.ts";
import { Replay, type ReplaySettings } from "../replay/replay.ts";
import { Counter, type Segment, type Space, State } from "../space/space.ts";
import { watch } from "../space/watch.ts";
import { type Chunk, isBirth, type Trace } from "../traces/trace.ts";
import { TraceGraph, type TraceNode } from "./trace-graph.ts";

/** Replays a trace with references and checks every collection. Returns the replay, and how many there were. */
export function checkCollections(
  trace: Trace,
  settings: ReplaySettings,
  guarantees: Guarantees,
): { replay: Replay; collections: number } {
  const replay = new Replay(settings);
  const check = new CollectionCheck(replay, guarantees);
  replay.prepare(trace);
  for (const chunk of trace.chunks) check.feed(chunk);
  return { replay, collections: check.collections };
}

export class CollectionCheck {
  collections = 0;
  readonly #replay: Replay;
  readonly #guarantees: Guarantees;
  readonly #graph = new TraceGraph();
  #cause: number = Cause.exhausted;
  #reachable: TraceNode[] = [];
  /** Row of the object whose birth is under way; -1 if none is. */
  #born = -1;
  /** Of each of them, where its block was. */
  #starts = new Float64Array(0);

  /** The replay has not begun. */
  constructor(replay: Replay, guarantees: Guarantees) {
    this.#replay = replay;
    this.#guarantees = guarantees;
    replay.space.probe = watch(replay.recorder, (cause) => {
      if (cause >= 0) this.#begin(cause);
      else this.#end();
    });
  }

  feed(chunk: Chunk): void {
    // The trace's graph is ahead of the replay by the event that is running: a new object is not reachable yet.
    const apply = (i: number): void => {
      if (i === chunk.events) return;
      this.#graph.apply(chunk, i);
      this.#born = isBirth(chunk.op[i]) ? chunk.row[i] : -1;
    };
    apply(0);
    this.#replay.feed(chunk, (i) => {
      if (this.#born >= 0 && this.#replay.objects.slot(this.#born) === 0) this.#graph.refused(this.#born);
      apply(i + 1);
    });
  }

  #begin(cause: number): void {
    this.#cause = cause;
    this.#reachable = this.#graph.reachable();
    this.#starts = Float64Array.from(this.#reachable, (node) => this.#replay.space.start(this.#slot(node)));
  }

  #end(): void {
    this.collections++;
    const { finds, keepsPins, keepsOrder, compacts } = this.#guarantees;
    const full = this.#cause === Cause.asked;
    this.#checkLive(finds === "all" || (finds === "when asked" && full));
    this.#checkReferences();
    if (keepsPins) this.#checkPins();
    if (keepsOrder) this.#checkOrder();
    if (compacts && full) this.#checkHoles();
    if (!this.#replay.space.adds) throw this.#error("bytes of the heap are unaccounted for");
    // Events that name what was reclaimed are skipped: a refused object may have cut off what the trace goes on with.
    this.#graph.forget(({ row }) => row !== this.#born && this.#replay.objects.slot(row) === 0);
  }

  #checkLive(exactly: boolean): void {
    const { space } = this.#replay;
    let bytes = 0;
    for (const node of this.#reachable) {
      const slot = this.#slot(node);
      if (space.state(slot) !== State.live) throw this.#error(`object ${node.id} is reachable and not live`);
      if (space.id(slot) !== node.id || space.payload(slot) !== node.bytes)
        throw this.#error(`object ${node.id} of ${node.bytes} bytes is not what is in its slot`);
      bytes += node.bytes;
    }
    if (!exactly) return;
    const blocks = space.counter(Counter.liveBlocks);
    if (blocks !== this.#reachable.length)
      throw this.#error(`${this.#reachable.length} objects are reachable, ${blocks} are live`);
    if (space.counter(Counter.liveBytes) !== bytes)
      throw this.#error(`${bytes} bytes are reachable, ${space.counter(Counter.liveBytes)} are live`);
  }

  #checkReferences(): void {
    const { graph } = this.#replay.space;
    for (const node of this.#reachable) {
      const slot = this.#slot(node);
      for (const [field, target] of node.fields.entries()) {
        const wanted = target && !target.freed ? this.#slot(target) : 0;
        if (graph.target(slot, field) !== wanted)
          throw this.#error(
            `field ${field} of object ${node.id} leads to slot ${graph.target(slot, field)}, not ${wanted}`,
          );
      }
    }
  }

  #checkPins(): void {
    for (const [i, node] of this.#reachable.entries())
      if (this.#graph.pins.has(node) && this.#start(node) !== this.#starts[i])
        throw this.#error(`object ${node.id} is pinned, and moved from ${this.#starts[i]}`);
  }

  #checkOrder(): void {
    const order = Uint32Array.from(this.#reachable.keys()).sort((a, b) => this.#starts[a] - this.#starts[b]);
    let last = -1;
    for (const i of order) {
      const start = this.#start(this.#reachable[i]);
      if (start < last)
        throw this.#error(`object ${this.#reachable[i].id} has changed its place in the order`);
      last = start;
    }
  }

  #checkHoles(): void {
    const { space } = this.#replay;
    const pinned = new Set(Array.from(this.#graph.pins, (node) => this.#slot(node)));
    for (const segment of space.segments()) {
      const { holes, slots } = contentsOf(space, segment);
      if (holes > 1 && !slots.some((slot) => pinned.has(slot)))
        throw this.#error(`${holes} holes are left in the segment at ${space.start(segment)}`);
    }
  }

  #slot(node: TraceNode): number {
    const slot = this.#replay.objects.slot(node.row);
    if (slot === 0) throw this.#error(`object ${node.id} is reachable and gone`);
    return slot;
  }

  #start(node: TraceNode): number {
    return this.#replay.space.start(this.#slot(node));
  }

  #error(message: string): Error {
    return new Error(`event ${this.#replay.event}, collection ${this.collections}: ${message}`);
  }
}

function contentsOf(space: Space, segment: Segment): { holes: number; slots: number[] } {
  const slots: number[] = [];
  let holes = 0;
  for (let node = space.next(segment); node !== segment; node = space.next(node))
    if (node < 0) holes++;
    else slots.push(node);
  return { holes, slots };
}
