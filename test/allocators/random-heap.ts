/** Random requests on a policy, next to a naive model that is asked the same and must place the same. */
import { expect } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";
import { Heap } from "./heap-in-letters.ts";

/** An allocator that is obviously right. Addresses are payloads; `free` is given what `allocate` returned. */
export interface Naive {
  allocate(bytes: number): number;
  free(address: number): void;
}

export interface RandomRequests {
  readonly seed: number;
  readonly events: number;
  /** Bytes of a request; `below(n)` gives 0 .. n - 1. */
  readonly bytes: (below: (n: number) => number) => number;
  /** Objects that are live at most. */
  readonly live: number;
}

export function compare(
  choice: string,
  heap: number | "grow",
  naive: Naive,
  { seed, events, bytes, live }: RandomRequests,
): void {
  const real = new Heap(choice, heap);
  const below = sequenceOf(seed);
  const names = Array.from({ length: live }, (_, i) => String.fromCharCode(65 + i));
  const free = [...names];
  const held: { name: string; address: number }[] = [];
  for (let event = 0; event < events; event++)
    if (free.length > 0 && (held.length === 0 || below(2 * live) >= held.length)) {
      const size = bytes(below);
      const name = free.pop()!;
      const address = real.allocate(name, size);
      expect(address, `event ${event}: ${size} bytes`).toBe(naive.allocate(size));
      if (address === REFUSED) free.push(name);
      else held.push({ name, address });
    } else {
      const [{ name, address }] = held.splice(below(held.length), 1);
      real.free(name);
      naive.free(address);
      free.push(name);
    }
}
