/**
 * The picture of time x address: a recording played once, with the bytes of each row of addresses kept up to date by what
 * it tells. O(events + columns * rows); in slices, so that the worker answers in between.
 */
import { keyframeBefore, Playback } from "../../src/replay/playback.ts";
import type { Recording } from "../../src/replay/recorder.ts";
import type { Probe } from "../../src/space/probe.ts";
import { type Slot, State } from "../../src/space/space.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { AddressBand } from "./address-band.ts";
import { toneOf } from "./palette.ts";
import type { TimeByAddress, TimeRequest } from "./protocol.ts";
import { isEdge } from "./runs.ts";
import { breathe } from "./slices.ts";

/** Milliseconds of a slice: whoever moves the cursor meanwhile waits so long at most. */
const SLICE = 8;
/** Events between two looks at the clock. */
const STRIDE = 2048;
/** Bytes of a row to begin with, where it grows. */
const FINEST = 16;

export async function timeByAddress(
  trace: Trace,
  recording: Recording,
  request: TimeRequest,
  signal: AbortSignal,
): Promise<TimeByAddress> {
  const { from, to, columns } = request;
  const frame = keyframeBefore(recording, from);
  // With one keyframe alone, playback passes over no event.
  const playback = new Playback(trace, { ...recording, keyframes: [frame] });
  playback.seek(from);
  const watch = new BandWatch(playback, request);
  const ends = new Float64Array(columns);
  const { space } = playback;
  space.probe = watch;
  let until = performance.now() + SLICE;
  for (let column = 0; column < columns; column++) {
    const last = Math.round(from + ((to - from) * (column + 1)) / columns);
    while (playback.event < last) {
      playback.seek(Math.min(last, playback.event + STRIDE));
      if (performance.now() < until) continue;
      await breathe();
      signal.throwIfAborted();
      until = performance.now() + SLICE;
    }
    watch.close(column);
    ends[column] = space.segmentLength(space.heap);
  }
  return { ...request, ends, heap: watch.heap.cells, mapped: watch.mapped?.cells };
}

/** Keeps the bands of a space up to date. It has its own note of where each slot lies, so that it never asks late. */
class BandWatch implements Probe {
  readonly heap: AddressBand;
  /** Of segments behind the heap's limit; none until there is one. */
  mapped: AddressBand | undefined;
  readonly #playback: Playback;
  readonly #columns: number;
  readonly #range: TimeRequest["range"];
  readonly #granule: number;
  /** By slot, in bytes. */
  #start = new Float64Array(1024);
  #length = new Float64Array(1024);
  /** By slot: whether it is live. */
  #live = new Uint8Array(1024);

  constructor(playback: Playback, { columns, range }: TimeRequest) {
    const { space } = playback;
    this.#playback = playback;
    this.#columns = columns;
    this.#range = range;
    this.#granule = space.granule;
    this.heap = range
      ? new AddressBand(range.low, (range.high - range.low) / 256, columns, false)
      : new AddressBand(0, FINEST, columns, true);
    for (const segment of space.segments())
      for (let node = space.next(segment); !isEdge(space, node); node = space.next(node))
        if (node > 0)
          this.#put(node, space.start(node), space.length(node), space.state(node) === State.live);
  }

  close(column: number): void {
    this.heap.close(column);
    this.mapped?.close(column);
  }

  claimed(slot: Slot, start: number, length: number): void {
    this.#put(slot, start * this.#granule, length * this.#granule, true);
  }

  released(slot: Slot): void {
    this.#take(slot);
  }

  died(slot: Slot): void {
    this.#take(slot);
    this.#put(slot, this.#start[slot], this.#length[slot], false);
  }

  resized(slot: Slot, start: number, length: number): void {
    const live = this.#live[slot] === 1;
    this.#take(slot);
    this.#put(slot, start * this.#granule, length * this.#granule, live);
  }

  moved(slot: Slot, _: number, to: number): void {
    const start = this.#start[slot];
    const length = this.#length[slot];
    this.#take(slot);
    this.#put(slot, to * this.#granule, length, true);
    this.#bandOf(start).mark(start, length);
    this.#bandOf(to * this.#granule).mark(to * this.#granule, length);
  }

  reserved(slot: Slot, start: number, length: number): void {
    this.#put(slot, start * this.#granule, length * this.#granule, false);
  }

  unreserved(slot: Slot): void {
    this.#take(slot);
  }

  segment(): void {}
  unmapped(): void {}
  purged(): void {}
  shared(): void {}
  collected(): void {}

  #put(slot: Slot, start: number, length: number, live: boolean): void {
    if (slot >= this.#live.length) this.#widen(slot + 1);
    this.#start[slot] = start;
    this.#length[slot] = length;
    this.#live[slot] = live ? 1 : 0;
    const tone = live ? toneOf(this.#playback.space.id(slot)) + 1 : 0;
    this.#bandOf(start).add(start, length, 1, live, tone);
  }

  #take(slot: Slot): void {
    const start = this.#start[slot];
    this.#bandOf(start).add(start, this.#length[slot], -1, this.#live[slot] === 1, 0);
  }

  #bandOf(start: number): AddressBand {
    const { limit, grows } = this.#playback.space;
    if (!grows || start < limit || this.#range) return this.heap;
    this.mapped ??= new AddressBand(limit, FINEST, this.#columns, true);
    return this.mapped;
  }

  #widen(slots: number): void {
    const wider = <A extends Float64Array | Uint8Array>(old: A): A => {
      const next = new (old.constructor as new (length: number) => A)(Math.max(slots, old.length * 2));
      next.set(old);
      return next;
    };
    this.#start = wider(this.#start);
    this.#length = wider(this.#length);
    this.#live = wider(this.#live);
  }
}
