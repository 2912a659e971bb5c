/** The page's engine: opens traces, replays policies, and shows them at the cursor. Runs in the worker. */
import { transfer } from "comlink";
import { momentOf } from "../../src/metrics/meter.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { OptionError } from "../../src/options/options.ts";
import { formatSize } from "../../src/options/size.ts";
import { choosePolicy, formatChoice } from "../../src/replay/policies.ts";
import { Replay, type Replayed } from "../../src/replay/replay.ts";
import type { Scenario } from "../../src/scenarios/scenario.ts";
import type { Space } from "../../src/space/space.ts";
import { type Trace, TraceError } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { Births } from "./births.ts";
import { Cancelled } from "./cancelled.ts";
import { Lane, type Subject } from "./lane.ts";
import { Origins } from "./origins.ts";
import type {
  Blockers,
  Compaction,
  Detail,
  Histogram,
  Input,
  Internals,
  Laboratory,
  Loaded,
  Measured,
  OnProgress,
  Passes,
  Picture,
  PictureRequest,
  Pins,
  SegmentFacts,
  Shown,
  TimeByAddress,
  TimeRequest,
} from "./protocol.ts";
import { feedInSlices } from "./slices.ts";

/** Bytes of a file, packed or not. */
const MOST_FILE = 1024 ** 3;
/** Of all lanes together. */
const KEYFRAME_BYTES = 384 * 1024 * 1024;

export class HeapLaboratory implements Laboratory {
  #subject: Subject | undefined;
  #lanes: Lane[] = [];
  /** Of the last `recordingHash`, so that many policies can be asked about one workload. */
  #hashed: { readonly key: string; readonly trace: Trace } | undefined;
  #work = new AbortController();
  #measuring = new AbortController();

  async load(
    input: Input | undefined,
    policies: readonly string[],
    heap: string,
    progress: OnProgress,
  ): Promise<Loaded> {
    this.#work = new AbortController();
    this.cancelMeasure();
    const { signal } = this.#work;
    const subject = input ? subjectOf(await read(input, signal, progress)) : this.#subject;
    if (!subject) throw new OptionError("no trace is open");
    const { trace } = subject;
    const lanes: Lane[] = [];
    for (const policy of policies) {
      const room = roomFor(policy, heap, trace, lanes[0]?.peakHeapBytes);
      const settings = { policy, room, signal, progress, keyframeBytes: KEYFRAME_BYTES / policies.length };
      lanes.push(
        this.#kept(trace, policy, room) ?? new Lane(subject, policy, await replayInPieces(trace, settings)),
      );
    }
    for (const lane of this.#lanes) if (!lanes.includes(lane)) lane.close();
    this.#subject = subject;
    this.#lanes = lanes;
    const { name, hash, events, objects, peakLiveBytes, fidelity, anomalies, phases } = trace;
    return {
      trace: {
        name,
        hash,
        events,
        objects,
        peakLiveBytes,
        fidelity,
        anomalies,
        phases,
        origins: subject.origins.names,
      },
      lanes: lanes.map((lane) => lane.facts()),
    };
  }

  cancel(): void {
    this.#work.abort(new Cancelled());
  }

  async show(event: number, requests: readonly PictureRequest[]): Promise<Shown> {
    for (const lane of this.#lanes) if (lane.event !== event) lane.seek(event);
    const moments = this.#lanes.map((lane) => lane.moment());
    const pictures = requests
      .filter(({ lane }) => this.#lanes[lane] !== undefined)
      .map((request) => this.#lanes[request.lane].picture(request, this.#other(request)));
    return transfer(
      { moments, pictures },
      pictures.map(({ pixels }) => pixels.buffer),
    );
  }

  detail(lane: number, address: number, moves: number | undefined): Detail | undefined {
    return this.#lanes[lane]?.detail(address, moves);
  }

  list(lane: number, from: number, to: number, most: number): readonly Detail[] {
    return this.#lanes[lane]?.list(from, to, most) ?? [];
  }

  async timeByAddress(lane: number, request: TimeRequest): Promise<TimeByAddress> {
    const found = this.#lanes[lane];
    if (!found) throw new Cancelled();
    return found.timeByAddress(request);
  }

  histogram(lane: number): Histogram | undefined {
    return this.#lanes[lane]?.histogram();
  }

  compaction(lane: number, which?: number): Compaction | undefined {
    return this.#lanes[lane]?.compaction(which);
  }

  internals(lane: number): Internals | undefined {
    return this.#lanes[lane]?.internals();
  }

  passes(lane: number): Passes | undefined {
    return this.#lanes[lane]?.passes();
  }

  strip(request: PictureRequest, extent: SegmentFacts): Picture {
    const picture = this.#lanes[request.lane].strip(request, extent);
    return transfer(picture, [picture.pixels.buffer]);
  }

  blockers(lane: number, most: number): Blockers | undefined {
    return this.#lanes[lane]?.blockers(most);
  }

  pins(lane: number, most: number): Pins | undefined {
    return this.#lanes[lane]?.pins(most);
  }

  async measure(
    policy: string,
    heap: string,
    arena: number,
    event: number,
    progress: (share: number) => void,
  ): Promise<Measured> {
    this.cancelMeasure();
    this.#measuring = new AbortController();
    const { signal } = this.#measuring;
    const trace = this.#subject?.trace;
    if (!trace) throw new OptionError("no trace is open");
    const room = roomFor(policy, heap, trace, arena);
    const run = new Replay({ ...choosePolicy(policy), heap: room, record: false });
    run.prepare(trace);
    let values: Measured["values"] = {};
    const look = () => (values = momentOf(run.space));
    await feedInSlices(run, trace, { signal, progress, at: event, look });
    return { heap: room, values, metrics: run.finish().metrics };
  }

  cancelMeasure(): void {
    this.#measuring.abort(new Cancelled());
  }

  async scenario(text: string, file: string): Promise<Scenario> {
    // Its schema is a tenth of the worker, and needed by those who bring a scenario of their own.
    const { parseScenario } = await import("../../src/scenarios/scenario.ts");
    return parseScenario(text, file);
  }

  async recordingHash(input: Input, policy: string, heap: string): Promise<string> {
    const { signal } = new AbortController();
    const progress = () => {};
    const key = input.kind === "workload" ? `${input.call} ${input.seed}` : "";
    if (key === "" || this.#hashed?.key !== key)
      this.#hashed = { key, trace: await read(input, signal, progress) };
    const { trace } = this.#hashed;
    const settings = {
      policy,
      room: heapBytes(heap, trace.peakLiveBytes),
      signal,
      progress,
      keyframeBytes: 0,
    };
    return (await replayInPieces(trace, settings)).recording.hash;
  }

  /** What a picture is to be compared with. */
  #other({ lane, against }: PictureRequest): Space | undefined {
    if (!against) return undefined;
    if (against.lane !== undefined) return this.#lanes[against.lane]?.space;
    return this.#lanes[lane].spaceAt(against.event ?? 0);
  }

  /** A lane that replays just that already. */
  #kept(trace: Trace, policy: string, room: number | "grow"): Lane | undefined {
    const text = formatChoice(choosePolicy(policy));
    return trace === this.#subject?.trace
      ? this.#lanes.find((lane) => lane.policy === text && lane.heap === room)
      : undefined;
  }
}

const subjectOf = (trace: Trace): Subject => ({
  trace,
  births: new Births(trace),
  origins: new Origins(trace),
});

/** In a heap that grows, what cannot grow gets an arena of `arena` bytes. */
function roomFor(
  policy: string,
  heap: string,
  { peakLiveBytes }: Trace,
  arena: number | undefined,
): number | "grow" {
  const room = heapBytes(heap.trim(), peakLiveBytes);
  const fixed = choosePolicy(policy).policy.growable === false;
  return room === "grow" && fixed && arena !== undefined ? arena : room;
}

async function read(input: Input, signal: AbortSignal, progress: OnProgress): Promise<Trace> {
  if (input.kind === "workload") return generateTrace(input.call, input.seed);
  const { file, name } = input;
  if (file.size > MOST_FILE)
    throw new TraceError(
      `${name}: ${formatSize(file.size)} are more than the ${formatSize(MOST_FILE)} that the page opens; ` +
        `"heapscape run ${name}" replays it on the command line`,
    );
  let told = 0;
  const reading = await import("./reading.ts");
  return reading.read(pieces(file), name, {
    signal,
    progress(bytes) {
      if (bytes - told < file.size / 100) return;
      told = bytes;
      progress(bytes / file.size, `Reading ${name}`);
    },
  });
}

interface RunSettings {
  readonly policy: string;
  readonly room: number | "grow";
  readonly signal: AbortSignal;
  readonly progress: OnProgress;
  /** Of the states that are kept for seeking; 0: nothing is recorded but the hash. */
  readonly keyframeBytes: number;
}

async function replayInPieces(trace: Trace, settings: RunSettings): Promise<Replayed> {
  const { policy, room, signal, progress, keyframeBytes } = settings;
  const run = new Replay({
    ...choosePolicy(policy),
    heap: room,
    record: keyframeBytes > 0,
    events: trace.events,
    keyframeBytes,
  });
  run.prepare(trace);
  await feedInSlices(run, trace, { signal, progress: (share) => progress(share, `Replaying ${policy}`) });
  return run.finish();
}

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
