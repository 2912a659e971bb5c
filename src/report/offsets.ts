/**
 * Where every request was placed, a line for each allocation and realloc: `ID OFFSET`, `-1` for what was refused.
 * After each collection of a collector: `# gc N KIND`, then `ID SPACE OFFSET` for every live object, by address; where
 * the trace has references, for every object that roots and pins reach. KIND is `alloc-failure`, or `full` or `young`
 * as the trace asked. Where the trace says `p`, the same behind `# list`. Either ends with `# end`: lines of requests follow.
 *
 * OFFSET is the payload's address less the heap's start; in a segment beyond the heap it is `SEGMENT:OFFSET`, with
 * segments counted by address, the heap being 0; a policy may have its own terms (`Allocator.place`).
 */
import type { Replay } from "../replay/replay.ts";
import { type Slot, State } from "../space/space.ts";
import { watch } from "../space/watch.ts";
import { type Chunk, Op } from "../traces/trace.ts";

/** Characters that are gathered before they are written. */
const ROOM = 1 << 16;

/** `KIND` by cause; see `Cause`. */
export const KINDS = ["alloc-failure", "full", "young", "step"];

export class Offsets {
  readonly #replay: Replay;
  readonly #write: (text: string) => void;
  #text = "";
  #collections = 0;
  #cause = 0;

  /** The replay has not begun. */
  constructor(replay: Replay, write: (text: string) => void) {
    this.#replay = replay;
    this.#write = write;
    replay.space.probe = watch(replay.recorder, (cause) => {
      if (cause < 0) this.#list(`gc ${++this.#collections} ${KINDS[this.#cause]}`);
      else this.#cause = cause;
    });
  }

  feed(chunk: Chunk): void {
    const { objects, meter } = this.#replay;
    const { op, row, id } = chunk;
    let refusals = meter.refusals;
    this.#replay.feed(chunk, (i) => {
      if (op[i] === Op.print) this.#list("list");
      if (op[i] >= Op.free) return;
      const slot = objects.slot(row[i]);
      // A refused realloc leaves the old block live.
      const refused = slot === 0 || meter.refusals !== refusals;
      refusals = meter.refusals;
      this.#text += `${id[i]} ${refused ? "-1" : this.#place(slot)}\n`;
      if (this.#text.length > ROOM) this.flush();
    });
  }

  /** Writes what has been gathered. */
  flush(): void {
    if (this.#text !== "") this.#write(this.#text);
    this.#text = "";
  }

  #place(slot: Slot): string | number {
    const { space, allocator } = this.#replay;
    const address = space.start(slot) + space.offset(slot);
    if (allocator.place) return allocator.place(address);
    if (address < space.segmentEnd(space.heap)) return address;
    let number = 0;
    for (const segment of space.segments()) {
      if (address < space.segmentEnd(segment)) return `${number}:${address - space.start(segment)}`;
      number++;
    }
    return address;
  }

  #list(what: string): void {
    const { space } = this.#replay;
    const { graph } = space;
    const reachable = graph.on;
    if (reachable) graph.mark();
    this.#text += `# ${what}\n`;
    for (const segment of space.segments())
      for (let node = space.next(segment); node !== segment; node = space.next(node)) {
        if (node < 0 || space.state(node) !== State.live) continue;
        if (reachable && !graph.isMarked(node)) continue;
        const place = String(this.#place(node));
        this.#text += `${space.id(node)} ${place.includes(" ") ? place : `heap ${place}`}\n`;
        if (this.#text.length > ROOM) this.flush();
      }
    this.#text += "# end\n";
  }
}
