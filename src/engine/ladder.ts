/** Feeds a replay and takes down the prefixes of its hash; see gate/rungs.ts. */
import { rung, rungAt } from "../gate/rungs.ts";
import type { Replay } from "../replay/replay.ts";
import { type Chunk, slice } from "../traces/trace.ts";

export class Ladder {
  #text = "";
  #rungs = 0;
  readonly #replay: Replay;

  /** For a replay that was fed nothing yet. */
  constructor(replay: Replay) {
    this.#replay = replay;
  }

  /** All rungs so far. */
  get text(): string {
    return this.#text;
  }

  feed(chunk: Chunk): void {
    if (this.#rungs === 0) this.#climb();
    for (let from = 0; from < chunk.events; ) {
      const to = Math.min(chunk.events, from + rungAt(this.#rungs) - this.#replay.event);
      this.#replay.feed(slice(chunk, from, to));
      from = to;
      if (this.#replay.event === rungAt(this.#rungs)) this.#climb();
    }
  }

  #climb(): void {
    this.#text += rung(this.#replay.recorder.digest);
    this.#rungs++;
  }
}
