/** What tests of collectors need to see of a heap, and what must hold of it after every collection. */
import { expect } from "vitest";
import { Cause, isCollector } from "../../src/allocators/contract.ts";
import { Cost } from "../../src/space/cost.ts";
import { Counter, State } from "../../src/space/space.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";
import { Heap } from "../allocators/heap-in-letters.ts";

export function collect(heap: Heap): void {
  const { allocator } = heap.run;
  if (!isCollector(allocator)) throw new Error("not a collector");
  allocator.collect(Cause.asked);
  heap.run.validate();
}

export const collections = (heap: Heap): number => heap.run.space.cost(Cost.collections);

/** What a collection cost, in the words of `Cost`. */
export function costOf(heap: Heap, work: () => void): { moves: number; movedBytes: number; words: number } {
  const { space } = heap.run;
  const costs = [Cost.moves, Cost.movedBytes, Cost.touchedWords] as const;
  const before = costs.map((cost) => space.cost(cost));
  work();
  const [moves, movedBytes, words] = costs.map((cost, i) => space.cost(cost) - before[i]);
  return { moves, movedBytes, words };
}

/** Names and payloads of the live objects by address, and what the rest of the heap is. */
export function survey(heap: Heap) {
  const { space } = heap.run;
  const order: string[] = [];
  let garbage = 0;
  for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
    if (node < 0) continue;
    if (space.state(node) === State.live) order.push(`${space.id(node)}: ${space.payload(node)}`);
    if (space.state(node) === State.garbage) garbage++;
  }
  return { order, garbage, holes: space.holes, blockBytes: space.counter(Counter.blockBytes) };
}

/**
 * Mixed requests, with a collection asked for now and then. `check` sees the heap before and after each collection
 * that is asked for. Returns the heap at the end.
 */
export function churn(
  choice: string,
  size: number | "grow",
  seed: number,
  check: (before: ReturnType<typeof survey>, after: ReturnType<typeof survey>) => void,
  aligned = false,
): Heap {
  const heap = new Heap(choice, size);
  const below = sequenceOf(seed);
  const live = new Set<string>();
  for (let event = 0; event < 1500; event++) {
    const name = String.fromCharCode(65 + below(50));
    if (!live.has(name)) {
      const align = aligned && below(8) === 0 ? 16 << below(4) : 0;
      if (heap.allocate(name, below(200), align) >= 0) live.add(name);
    } else if (below(4) === 0) heap.reallocate(name, below(200));
    else {
      heap.free(name);
      live.delete(name);
    }
    if (below(40) > 0) continue;
    const before = survey(heap);
    collect(heap);
    const after = survey(heap);
    expect(after.garbage).toBe(0);
    expect(after.blockBytes).toBe(before.blockBytes);
    check(before, after);
  }
  return heap;
}
