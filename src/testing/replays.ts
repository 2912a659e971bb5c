/** Replays that must come to the same: played back, and gone on with from a saved state. */
import type { Policy } from "../allocators/contract.ts";
import type { Options } from "../options/options.ts";
import { digest } from "../replay/digest.ts";
import { Playback } from "../replay/playback.ts";
import { Replay, type Replayed } from "../replay/replay.ts";
import { rerun } from "../replay/rerun.ts";
import { type Chunk, slice, type Trace } from "../traces/trace.ts";
import { sequenceOf } from "./sequences.ts";

export function playedBack(trace: Trace, policy: Policy, options: Options, heap: number | "grow"): void {
  const run = new Replay({ policy, options, heap });
  run.prepare(trace);
  const states: string[] = [];
  for (const chunk of slices(trace, 1)) {
    states.push(digest(run.space));
    run.feed(chunk);
  }
  states.push(digest(run.space));
  const done: Replayed = run.finish();
  const playback = new Playback(trace, done.recording);
  const below = sequenceOf(4);
  const events = [0, trace.events, ...Array.from({ length: 60 }, () => below(trace.events + 1))];
  for (const event of events) {
    playback.seek(event);
    expectSame(digest(playback.space), states[event], `state after ${event} events`);
  }
  for (const event of events.slice(0, 6)) {
    const again = rerun(trace, { policy, options, heap }, done.recording, event);
    again.validate();
    expectSame(digest(again.space), states[event], `state after ${event} events, run again`);
  }
}

export function resumed(
  trace: Trace,
  half: number,
  policy: Policy,
  options: Options,
  heap: number | "grow",
): void {
  const whole = new Replay({ policy, options, heap });
  whole.prepare(trace);
  const parts = slices(trace, 1);
  for (const chunk of parts.slice(0, half)) whole.feed(chunk);
  const saved = whole.space.save();
  const second = new Replay({ policy, options, heap });
  second.prepare(trace);
  second.resume(half, saved);
  for (const chunk of parts.slice(half)) {
    whole.feed(chunk);
    second.feed(chunk);
    expectSame(
      digest(second.space),
      digest(whole.space),
      `state after ${whole.event} events, resumed at ${half}`,
    );
  }
  second.validate();
  expectSame(second.finish().recording.hash, whole.finish().recording.hash, `hash, resumed at ${half}`);
}

/** The trace in chunks of `events`. */
export function slices(trace: Trace, events: number): Chunk[] {
  return trace.chunks.flatMap((chunk) =>
    Array.from({ length: Math.ceil(chunk.events / events) }, (_, i) => {
      const from = i * events;
      const to = Math.min(chunk.events, from + events);
      return slice(chunk, from, to);
    }),
  );
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

export function expectSame(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what}: ${found}, expected ${wanted}`);
}
