/**
 * States of a replay, kept on the way so that any later moment is near one: all columns, the policy's too.
 *
 * They lie at even distances along the log, for that is what playback goes through: a collection that moves all there is
 * is as long as a hundred thousand events. When they are too many, or hold more than the budget, every second one is dropped
 * and the distance doubles. A saved state is what its columns hold without their spare room: about 45 bytes a live object,
 * and what the policy adds.
 */
import { bytesOf, type Snapshot } from "../space/columns.ts";
import type { LogPosition } from "./log.ts";

export interface Keyframe {
  /** Events that were over. */
  readonly event: number;
  readonly columns: Snapshot;
  /** Where the log goes on. */
  readonly position: LogPosition;
  /** Where in its block the payload of the last event that had one begins. */
  readonly offset: number;
}

/** Bytes that the keyframes of a recording may take, by default: 256 MiB. */
export const KEYFRAME_BYTES = 256 * 1024 * 1024;
/** Keyframes to a recording whose length is known, if an event takes as much of the log as it mostly does; and at most. */
const FRAMES = 64;
const EVENT_BYTES = 2.6;
const MOST_FRAMES = 2 * FRAMES;
/** Bytes of the log. */
const FIRST_DISTANCE = 4096;

export class Keyframes {
  /** The next keyframe is due when the log has so many bytes. */
  due: number;
  private kept: Keyframe[] = [];
  private bytes = 0;
  private distance: number;
  private readonly budget: number;

  /** `events` of the whole replay, 0 where that is not known; `budget` in bytes. */
  constructor(events: number, budget: number) {
    this.budget = budget;
    this.distance = Math.max(FIRST_DISTANCE, Math.ceil((events * EVENT_BYTES) / FRAMES));
    this.due = 0;
  }

  get frames(): readonly Keyframe[] {
    return this.kept;
  }

  /** The first one has event 0. The log has `bytes`. */
  keep(frame: Keyframe, bytes: number): void {
    this.kept.push(frame);
    this.bytes += bytesOf(frame.columns);
    while ((this.bytes > this.budget || this.kept.length > MOST_FRAMES) && this.kept.length > 1) {
      this.distance *= 2;
      this.kept = this.kept.filter((_, i) => i % 2 === 0);
      this.bytes = this.kept.reduce((sum, each) => sum + bytesOf(each.columns), 0);
    }
    this.due = bytes + this.distance;
  }
}
