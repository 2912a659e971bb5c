/** The page's engine: opens traces, replays policies, and shows them at the cursor. Runs in the worker. */
import { transfer } from "comlink";
import { heapBytes } from "../../src/options/heap.ts";
import { OptionError } from "../../src/options/options.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, type Replayed } from "../../src/replay/replay.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { Lane } from "./lane.ts";
import type {
  Compaction,
  Detail,
  Input,
  Laboratory,
  Loaded,
  OnProgress,
  Picture,
  PictureRequest,
  SegmentFacts,
  Shown,
} from "./protocol.ts";

export class HeapLaboratory implements Laboratory {
  #trace: Trace | undefined;
  #lanes: Lane[] = [];
  /** Of the last `recordingHash`, so that many policies can be asked about one workload. */
  #hashed: { readonly key: string; readonly trace: Trace } | undefined;
  #work = new AbortController();

  async load(
    input: Input | undefined,
    policies: readonly string[],
    heap: string,
    progress: OnProgress,
  ): Promise<Loaded> {
    this.#work = new AbortController();
    const { signal } = this.#work;
    const trace = input ? await read(input, signal, progress) : this.#trace;
    if (!trace) throw new OptionError("no trace is open");
    const lanes: Lane[] = [];
    for (const policy of policies) {
      const settings = { policy, heap, signal, progress, record: true };
      lanes.push(new Lane(trace, policy, await replayInPieces(trace, settings)));
    }
    this.#trace = trace;
    this.#lanes = lanes;
    const { name, hash, events, objects, peakLiveBytes, fidelity, anomalies, phases } = trace;
    return {
      trace: { name, hash, events, objects, peakLiveBytes, fidelity, anomalies, phases },
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
      .map((request) => this.#lanes[request.lane].picture(request));
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

  compaction(lane: number): Compaction | undefined {
    return this.#lanes[lane]?.compaction();
  }

  strip(request: PictureRequest, extent: SegmentFacts): Picture {
    const picture = this.#lanes[request.lane].strip(request, extent);
    return transfer(picture, [picture.pixels.buffer]);
  }

  async recordingHash(input: Input, policy: string, heap: string): Promise<string> {
    const { signal } = new AbortController();
    const progress = () => {};
    const key = input.kind === "workload" ? `${input.call} ${input.seed}` : "";
    if (key === "" || this.#hashed?.key !== key)
      this.#hashed = { key, trace: await read(input, signal, progress) };
    const { trace } = this.#hashed;
    const settings = { policy, heap, signal, progress, record: false };
    return (await replayInPieces(trace, settings)).recording.hash;
  }
}

class Cancelled extends Error {
  override readonly name = "Cancelled";
  constructor() {
    super("cancelled");
  }
}

async function read(input: Input, signal: AbortSignal, progress: OnProgress): Promise<Trace> {
  if (input.kind === "workload") return generateTrace(input.call, input.seed);
  const { file, name } = input;
  let told = 0;
  return readTrace(pieces(file), name, {
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
  readonly heap: string;
  readonly signal: AbortSignal;
  readonly progress: OnProgress;
  readonly record: boolean;
}

/** Chunk by chunk, with a pause after each for what else the page asks, such as to cancel. */
async function replayInPieces(trace: Trace, settings: RunSettings): Promise<Replayed> {
  const { policy, signal, progress, record } = settings;
  const heap = heapBytes(settings.heap.trim(), trace.peakLiveBytes);
  const run = new Replay({ ...choosePolicy(policy), heap, record });
  run.prepare(trace);
  for (const chunk of trace.chunks) {
    run.feed(chunk);
    if (trace.chunks.length === 1) break;
    progress(run.event / trace.events, `Replaying ${policy}`);
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
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
