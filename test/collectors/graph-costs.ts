/** One collection of a small heap with references, and what it is said to have cost. */
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";

/**
 * A of 8 bytes, then B, C and D of 24 with two fields each, blocks with a header of 8:
 *
 *   roots A, C, D;  C -> D, C -> A;  D -> D;  B, which refers to C, is dead
 *
 * So C and D move down by B's 32 bytes, and A stays. Six references count, three of them roots; four lead to what
 * moves: the roots of C and D, C -> D and D -> D.
 */
export function costsOfOne(choice: string, heap = 1024) {
  const trace = new TraceBuilder("four objects");
  const [a, b, c, d] = [trace.allocate(8, 1), ...[1, 2, 3].map(() => trace.allocate(24, 2))];
  for (const id of [a, c, d]) trace.root(id);
  trace.store(b, 0, c);
  trace.store(c, 0, d);
  trace.store(c, 1, a);
  trace.store(d, 0, d);
  trace.collect();
  const done = replay(trace.finish(), { ...choosePolicy(choice), heap, validateEvery: 1 });
  const [collection] = done.recording.collections;
  const { moves, movedBytes, markedWords, scannedWords, updatedReferences, touchedWords, extraBytes } =
    collection;
  return { moves, movedBytes, markedWords, scannedWords, updatedReferences, touchedWords, extraBytes };
}
