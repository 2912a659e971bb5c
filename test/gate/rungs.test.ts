import { expect, test } from "vitest";
import { Ladder } from "../../src/engine/ladder.ts";
import { parting, rungAt } from "../../src/gate/rungs.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, replay } from "../../src/replay/replay.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import type { Chunk } from "../../src/traces/trace.ts";

test("rungs are four to a doubling", () => {
  const first = Array.from({ length: 18 }, (_, j) => rungAt(j));
  expect(first).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40]);
  for (let j = 8; j < 120; j++) expect(rungAt(j + 1) - rungAt(j)).toBeLessThanOrEqual(rungAt(j) / 4);
});

const TRACE = mixedTrace({ events: 5000, seed: 3 });

function climb(change?: { readonly event: number }, policy = "first-fit"): { ladder: string; hash: string } {
  const run = new Replay({ ...choosePolicy(policy), heap: 2 ** 20, record: false });
  const ladder = new Ladder(run);
  for (const chunk of TRACE.chunks) ladder.feed(change ? longer(chunk, change.event) : chunk);
  return { ladder: ladder.text, hash: run.finish().recording.hash };
}

/** The same events, but that one asks for 64 bytes more. */
function longer(chunk: Chunk, event: number): Chunk {
  const bytes = chunk.bytes.slice();
  bytes[event] += 64;
  return { ...chunk, bytes };
}

test("a ladder changes nothing of the replay", () => {
  const { hash } = replay(TRACE, { ...choosePolicy("first-fit"), heap: 2 ** 20, record: false }).recording;
  expect(climb().hash).toBe(hash);
});

test.each([0, 5, 17, 100, 999, 4000])("two ladders tell where recordings part: from event %i on", (from) => {
  const event = TRACE.chunks[0].op.findIndex((op, i) => i >= from && op === 0);
  expect(event).toBeGreaterThanOrEqual(from);
  const { first, last } = parting(climb().ladder, climb({ event }).ladder, TRACE.events);
  expect(first).toBeLessThanOrEqual(event);
  expect(last).toBeGreaterThanOrEqual(event);
  expect(last - first).toBeLessThanOrEqual(event / 4);
});

test("what differs before the first event is told from the first event", () => {
  expect(parting(climb().ladder, climb(undefined, "tlsf").ladder, TRACE.events)).toEqual({
    first: -1,
    last: -1,
  });
});
