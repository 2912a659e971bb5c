/**
 * What a compaction would do, found without moving anything. What lives is taken in plugs, runs of neighbours, with gaps
 * between; each plug would go as far down as it can, behind those before it. A pinned object is a plug that stays: the
 * others go below it while they fit, and one that does not goes above it, as do all that follow.
 *
 *   fragmentation = what would become free at the end, and the gaps below pinned plugs
 *   burden        = fragmentation / bytes from the heap's start to its last block
 */
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import { eachBlock } from "../each-block.ts";
import type { Moved } from "../moved.ts";

export class Plan {
  plugs = 0;
  pinned = 0;
  /** Blocks passed, dead or alive. */
  passed = 0;
  fragmentation = 0;
  burden = 0;
  private readonly space: Space;
  /** Of each plug: its first slot, where it ends, and where it would begin. */
  private readonly firsts: Slot[] = [];
  private readonly ends: Address[] = [];
  private readonly targets: Address[] = [];

  /** Dead blocks below `end` are given back on the way: the gaps are holes then. */
  constructor(space: Space, shape: BlockShape, alignments: Alignments, end: Address) {
    this.space = space;
    const { graph } = space;
    const pins: number[] = [];
    let last = -1;
    let open = false;
    eachBlock(space, end, (slot) => {
      this.passed++;
      if (space.state(slot) === State.garbage) {
        space.give(slot);
        return;
      }
      const start = space.start(slot);
      const pinned = graph.on && graph.isPinned(slot);
      const alone = pinned || alignments.of(slot) > shape.alignment;
      if (!open || alone || start !== last) {
        this.firsts.push(slot);
        this.ends.push(0);
        if (pinned) pins.push(this.firsts.length - 1);
      }
      last = space.end(slot);
      this.ends[this.ends.length - 1] = last;
      open = !alone;
    });
    this.plugs = this.firsts.length;
    this.pinned = pins.length;
    this.lay(shape, alignments, pins);
    const size = Math.max(last, 0) - shape.origin;
    this.burden = size > 0 ? this.fragmentation / size : 0;
  }

  /** Moves each plug to where the plan has it. */
  carryOut(moved: Moved): void {
    const { space, firsts, ends, targets } = this;
    for (let plug = 0; plug < firsts.length; plug++) {
      const distance = space.start(firsts[plug]) - targets[plug];
      if (distance === 0) continue;
      const end = ends[plug];
      for (let slot = firsts[plug], start = space.start(slot); ; ) {
        const next = space.next(slot); // in a plug a block, as no hole lies between
        const last = space.end(slot) === end;
        space.move(slot, start - distance);
        moved.add(slot);
        if (last) break;
        slot = next;
        start = space.start(slot);
      }
    }
  }

  /** `pins`: the plugs that stay. */
  private lay(shape: BlockShape, alignments: Alignments, pins: readonly number[]): void {
    const { space, firsts, ends } = this;
    let free = shape.origin;
    let gaps = 0;
    /** Pinned plugs passed, and those of them that `free` is above. */
    let met = 0;
    let above = 0;
    const pass = (): void => {
      const plug = pins[above++];
      gaps += Math.max(space.start(firsts[plug]) - free, 0);
      free = ends[plug];
    };
    for (let plug = 0; plug < this.plugs; plug++) {
      const start = space.start(firsts[plug]);
      if (met < pins.length && pins[met] === plug) {
        met++;
        this.targets.push(start);
        continue;
      }
      const length = ends[plug] - start;
      const align = alignments.of(firsts[plug]);
      let to = shape.start(free, align);
      while (above < met && to + length > space.start(firsts[pins[above]])) {
        pass();
        to = shape.start(free, align);
      }
      this.targets.push(to);
      free = to + length;
    }
    while (above < met) pass();
    const last = this.plugs > 0 ? ends[this.plugs - 1] : 0;
    this.fragmentation = Math.max(last - free, 0) + gaps;
  }
}
