/** What two replays that stand at the same event have in common: all of it. */
import { expect } from "vitest";
import type { Replay } from "../../src/replay/replay.ts";
import type { Space } from "../../src/space/space.ts";

/** Every column is equal. */
export function expectSameColumns(one: Space, other: Space, event: number): void {
  const [ours, theirs] = [one.save(), other.save()];
  expect(ours.length).toBe(theirs.length);
  for (const [i, { data }] of theirs.entries())
    if (!bytesOf(ours[i].data).equals(bytesOf(data)))
      expect(ours[i].data, `column ${i} after ${event} events`).toEqual(data);
}

/** Every column and the hash so far are equal. */
export function expectSameState(one: Replay, other: Replay): void {
  expectSameColumns(one.space, other.space, one.event);
  expect(one.recorder.digest, `hash after ${one.event} events`).toBe(other.recorder.digest);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);
