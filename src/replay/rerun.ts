/** The policy itself at any moment of a recording, with its own lists: run again from the nearest state that was kept. */
import { CHUNK_EVENTS, slice, type Trace } from "../traces/trace.ts";
import { keyframeBefore } from "./playback.ts";
import type { Recording } from "./recorder.ts";
import { Replay, type ReplaySettings } from "./replay.ts";

/**
 * The replay after `event` events, 0 .. recording.events; it can be fed on. `settings` are those that the recording was
 * made with. Nothing is recorded or measured on the way. O(events since the nearest keyframe).
 */
export function rerun(trace: Trace, settings: ReplaySettings, recording: Recording, event: number): Replay {
  const frame = keyframeBefore(recording, event);
  const run = new Replay({ ...settings, record: false, metrics: false });
  run.prepare(trace);
  run.resume(frame.event, frame.columns);
  while (run.event < event) {
    const chunk = trace.chunks[Math.floor(run.event / CHUNK_EVENTS)];
    const from = run.event % CHUNK_EVENTS;
    const to = Math.min(chunk.events, from + event - run.event);
    run.feed(slice(chunk, from, to));
  }
  return run;
}
