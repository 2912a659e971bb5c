/**
 * When to compact a heap in which what is freed is a hole at once, as under malloc: for a block that finds no room, if
 *
 *   free >= its block                     otherwise compaction would not make room for it
 *   something was freed                   since the last one: otherwise that has done all that can be done
 *   allocated >= max(live, 64 KiB)        in a heap that grows, which is extended instead: moving is paid for by allocation
 *
 * Where the trace has references it is for a collection to find out what is dead, and the rules of `Trigger` hold.
 */
import type { Column } from "../space/columns.ts";
import { Counter, type Space } from "../space/space.ts";
import { Trigger } from "./trigger.ts";

const LEAST_BUDGET = 64 * 1024;

export class RoomTrigger {
  private readonly space: Space;
  private readonly trigger: Trigger;
  /** [bytes of blocks allocated since the last compaction; bytes of live blocks after it; blocks freed since]. */
  private readonly state: Column<Float64Array>;

  constructor(space: Space) {
    this.space = space;
    this.trigger = new Trigger(space);
    this.state = space.columns.float64(3);
  }

  allocated(bytes: number): void {
    this.state.data[0] += bytes;
    this.trigger.allocated(bytes);
  }

  freed(): void {
    this.state.data[2]++;
  }

  /** A compaction has ended. */
  collected(): void {
    const state = this.state.data;
    state[0] = 0;
    state[1] = this.space.counter(Counter.blockBytes);
    state[2] = 0;
    this.trigger.collected();
  }

  /** Whether to compact for a block of `length` bytes that finds no room. */
  due(length: number): boolean {
    const { space } = this;
    if (space.graph.on) return this.trigger.due(length);
    const state = this.state.data;
    if (state[2] === 0 || space.holeBytes < length) return false;
    return !space.grows || state[0] >= Math.max(state[1], LEAST_BUDGET);
  }
}
