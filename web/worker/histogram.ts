/** Live blocks and holes by length, in powers of two. One walk, O(nodes). */
import { type Space, State } from "../../src/space/space.ts";
import type { Histogram } from "./protocol.ts";
import { isEdge } from "./runs.ts";

export function histogramOf(space: Space, event: number): Histogram {
  const live = new Bins();
  const holes = new Bins();
  for (const segment of space.segments())
    for (let node = space.next(segment); !isEdge(space, node); node = space.next(node))
      if (node < 0) holes.add(space.length(node));
      else if (space.state(node) === State.live) live.add(space.length(node));
  return { event, live, holes };
}

class Bins {
  readonly counts: number[] = [];
  readonly bytes: number[] = [];

  add(length: number): void {
    const bin = Math.floor(Math.log2(length));
    while (this.counts.length <= bin) {
      this.counts.push(0);
      this.bytes.push(0);
    }
    this.counts[bin]++;
    this.bytes[bin] += length;
  }
}
