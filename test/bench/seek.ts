/**
 * `npm run bench:seek`: how long it takes to any moment of a recording, and what the recording takes.
 *
 *   --json          for programs
 *   --events N      default 10,000,000
 *   --live N        objects that live at once, default 100,000
 *   --policy CALL   may be given again; default tlsf, glibc
 *   --checks N      moments whose state is compared with that of the replay itself, default 100; 0: none
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { inlineMore } from "../../src/engine/inline-more.ts";
import { kernelModule } from "../../src/engine/kernel-module.ts";
import { digest } from "../../src/replay/digest.ts";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { rerun } from "../../src/replay/rerun.ts";
import { bytesOf } from "../../src/space/columns.ts";
import { CHUNK_EVENTS, slice } from "../../src/traces/trace.ts";
import { Random } from "../../src/workloads/random.ts";
import { mqttLike } from "./traces.ts";

const SEEKS = 500;
const RERUNS = 60;

inlineMore();
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    events: { type: "string", default: "10000000" },
    live: { type: "string", default: "100000" },
    policy: { type: "string", multiple: true, default: ["tlsf", "glibc"] },
    checks: { type: "string", default: "100" },
  },
});
const { trace } = mqttLike("mqtt", Number(values.live), Number(values.events));
const random = new Random(3);
const anyEvent = () => random.below(trace.events + 1);

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const spread = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: at(sorted, 0.5), p95: at(sorted, 0.95), max: sorted[sorted.length - 1] };
};
/** Milliseconds of each of `count` calls. */
const timed = (count: number, call: () => void) =>
  Array.from({ length: count }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });

const rows = values.policy.map((call) => {
  const choice = choosePolicy(call);
  const heap = choice.policy.growable === false ? 3 * trace.peakLiveBytes + (1 << 20) : ("grow" as const);
  const settings = { ...choice, heap };
  const run = new Replay({ ...settings, events: trace.events });
  const moments = Array.from({ length: Number(values.checks) }, anyEvent).sort((a, b) => a - b);
  const states: string[] = [];
  const start = performance.now();
  let checking = 0;
  for (const [c, chunk] of trace.chunks.entries()) {
    let from = 0;
    for (; states.length < moments.length && moments[states.length] <= c * CHUNK_EVENTS + chunk.events; ) {
      const to = moments[states.length] - c * CHUNK_EVENTS;
      if (to > from) run.feed(slice(chunk, from, to));
      from = to;
      const before = performance.now();
      states.push(digest(run.space));
      checking += performance.now() - before;
    }
    if (from < chunk.events) run.feed(slice(chunk, from, chunk.events));
  }
  const replayMs = performance.now() - start - checking;
  const columnBytes = run.space.columns.byteLength;
  const { recording } = run.finish();
  const playback = new Playback(trace, recording, kernelModule());
  for (const [i, event] of moments.entries()) {
    playback.seek(event);
    if (digest(playback.space) !== states[i])
      throw new Error(`${call}: the state after ${event} events is another one`);
  }
  const seek = spread(timed(SEEKS, () => playback.seek(anyEvent())));
  const internals = spread(timed(RERUNS, () => rerun(trace, settings, recording, anyEvent())));
  const logBytes = recording.log.reduce((sum, { length }) => sum + length, 0);
  const stateBytes = recording.keyframes.reduce((sum, { columns }) => sum + bytesOf(columns), 0);
  return {
    policy: call,
    replayNsPerEvent: (replayMs * 1e6) / trace.events,
    seekMs: seek,
    internalsMs: internals,
    checked: moments.length,
    logBytesPerEvent: logBytes / trace.events,
    states: recording.keyframes.length,
    stateMB: stateBytes / 1e6,
    bytesPerLiveObject:
      bytesOf(recording.keyframes[recording.keyframes.length - 1].columns) / Number(values.live),
    columnBytesPerLiveObject: columnBytes / Number(values.live),
  };
});
const machine = { cpu: cpus()[0]?.model ?? "unknown", node: process.versions.node };
if (values.json)
  console.log(JSON.stringify({ machine, events: trace.events, live: Number(values.live), rows }));
else {
  console.log(`${trace.events} events, ${values.live} live, ${machine.cpu}, Node ${machine.node}`);
  const ms = ({ median, p95, max }: ReturnType<typeof spread>) =>
    `${median.toFixed(1)} / ${p95.toFixed(1)} / ${max.toFixed(1)} ms`;
  for (const row of rows)
    console.log(
      `${row.policy}: seek ${ms(row.seekMs)}, internals ${ms(row.internalsMs)} (median / p95 / max); ` +
        `${row.checked} states equal; log ${row.logBytesPerEvent.toFixed(2)} B an event; ${row.states} states of ` +
        `${(row.stateMB / row.states).toFixed(1)} MB; ${row.bytesPerLiveObject.toFixed(1)} B a live object`,
    );
}
