/** Two replays that stand at the same event: every column and the hash so far are equal. */
import { expect } from "vitest";
import type { Replay } from "../../src/replay/replay.ts";

export function expectSameState(one: Replay, other: Replay): void {
  const [ours, theirs] = [one.space.save(), other.space.save()];
  expect(ours.length).toBe(theirs.length);
  for (const [i, { data }] of theirs.entries())
    if (!bytesOf(ours[i].data).equals(bytesOf(data)))
      expect(ours[i].data, `column ${i} after ${one.event} events`).toEqual(data);
  expect(one.recorder.digest, `hash after ${one.event} events`).toBe(other.recorder.digest);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);
