/**
 * How often each live object was moved so far. The recording has every move but no sums, so it is played from its
 * beginning, or from where it was the last time: O(events between).
 */
import { Playback } from "../../src/replay/playback.ts";
import type { Recording } from "../../src/replay/recorder.ts";
import type { Probe } from "../../src/space/probe.ts";
import type { Trace } from "../../src/traces/trace.ts";

const nothing = () => {};

export class MoveCounts {
  readonly #playback: Playback;
  /** By slot. */
  #counts = new Uint32Array(1024);

  constructor(trace: Trace, recording: Recording) {
    // With its first keyframe alone, playback passes over no event.
    this.#playback = new Playback(trace, { ...recording, keyframes: recording.keyframes.slice(0, 1) });
  }

  /** By slot, after `event` events; slots beyond were never moved. Good until the next call. */
  at(event: number): Uint32Array {
    const playback = this.#playback;
    if (event < playback.event) {
      playback.seek(0);
      this.#counts.fill(0);
    }
    playback.space.probe = this.#probe;
    playback.seek(event);
    playback.space.probe = undefined;
    return this.#counts;
  }

  readonly #probe: Probe = {
    claimed: (slot) => {
      if (slot < this.#counts.length) this.#counts[slot] = 0;
    },
    moved: (slot) => {
      if (slot >= this.#counts.length) {
        const wider = new Uint32Array(Math.max(slot + 1, this.#counts.length * 2));
        wider.set(this.#counts);
        this.#counts = wider;
      }
      this.#counts[slot]++;
    },
    released: nothing,
    died: nothing,
    resized: nothing,
    reserved: nothing,
    unreserved: nothing,
    segment: nothing,
    unmapped: nothing,
    purged: nothing,
    shared: nothing,
    collected: nothing,
  };
}
