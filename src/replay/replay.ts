/**
 * The conductor: trace x policy -> recording + metrics. It asks the policy, holds the space to what the policy
 * said, and closes every event with the sum that must come out.
 */
import {
  type Allocator,
  inWords,
  isCollector,
  type Policy,
  REFUSED,
  type Request,
} from "../allocators/contract.ts";
import { Kernel } from "../kernel/kernel.ts";
import { EVENT, HASHED, METERED } from "../kernel/registers.ts";
import { Meter } from "../metrics/meter.ts";
import type { MetricValues } from "../metrics/metric.ts";
import type { Series } from "../metrics/series.ts";
import { OptionError, type Options } from "../options/options.ts";
import type { Snapshot } from "../space/columns.ts";
import type { Probe } from "../space/probe.ts";
import { Counter, type Slot, Space, SpaceError, State } from "../space/space.ts";
import { validate } from "../space/validate.ts";
import { type Chunk, eventInWords, Op, type Trace } from "../traces/trace.ts";
import { GraphEvents } from "./graph-events.ts";
import { KEYFRAME_BYTES } from "./keyframes.ts";
import { Objects } from "./objects.ts";
import { formatChoice } from "./policies.ts";
import { Recorder, type Recording, type Refusal, type RefusalKind } from "./recorder.ts";

/** A policy did what no allocator can: its name, the event and the values are in the message. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

export interface ReplaySettings {
  readonly policy: Policy;
  readonly options: Options;
  /** Bytes of the arena, or a heap that grows. */
  readonly heap: number | "grow";
  /** Keep the log, and states on the way, so that any moment can be seen. Default: yes. */
  readonly record?: boolean;
  /** Events that there will be, where that is known: the states that are kept lie at even distances. */
  readonly events?: number;
  /** Bytes that these states may take. Default 256 MiB. */
  readonly keyframeBytes?: number;
  /** false: policy and space alone; metrics, series and the recording stay empty. Default: yes. */
  readonly metrics?: boolean;
  /** Walk and check everything, space and policy, after every n-th event. Default 0: never. */
  readonly validateEvery?: number;
  /** Compiled from src/kernel: does the plain events of policies that it knows, where nothing is recorded. */
  readonly kernel?: WebAssembly.Module | undefined;
  /** Told of every change, the policy's set-up too; without metrics. */
  readonly probe?: Probe;
  /** The whole trace is replayed, but metrics and series count from this event on. Default 0. */
  readonly from?: number;
}

export interface Replayed {
  readonly recording: Recording;
  /** By name, with `.mean`, `.max` and `.last` of what has a series. */
  readonly metrics: MetricValues;
  readonly series: readonly Series[];
  /** The first one that counts; the recording may hold too few. */
  readonly firstRefusal?: Refusal;
  readonly space: Space;
  readonly allocator: Allocator;
}

/** Feeds chunks in order, then `finish`. For whole traces there is `replay`. */
export class Replay {
  readonly space: Space;
  readonly allocator: Allocator;
  readonly objects: Objects;
  readonly recorder: Recorder;
  readonly meter: Meter<Refusal>;
  private readonly settings: ReplaySettings;
  private readonly request: Request = { slot: 0, previous: 0, event: 0, thread: 0, site: 0, zeroed: false };
  private readonly validateEvery: number;
  /** Recorder and meter watch. */
  private readonly watched: boolean;
  /** Of a policy that collects. */
  private readonly graph: GraphEvents | undefined;
  private readonly kernel: Kernel | undefined;
  /** What the kernel calls the policy, if it does its events. */
  private readonly compiledPolicy: string | undefined;
  /** Events that the kernel has done. */
  private compiledEvents = 0;
  private now = 0;
  /** The event's index in the chunk at hand. */
  private at = 0;
  private started = false;

  constructor(settings: ReplaySettings) {
    const { policy, options, heap } = settings;
    if (heap === "grow" && policy.growable === false)
      throw new OptionError(
        `policy ${policy.name} manages an arena of fixed size and cannot do with a heap that grows: give it one as in --heap 64KiB, or 1.5x the peak`,
      );
    this.settings = settings;
    this.validateEvery = settings.validateEvery ?? 0;
    this.watched = settings.metrics ?? true;
    const record = settings.record ?? true;
    const compiled = settings.kernel && !record && this.validateEvery === 0 ? settings.kernel : undefined;
    this.compiledPolicy = compiled && policy.kernel?.(options);
    const collects = policy.kind === "collector";
    this.kernel = compiled && (this.compiledPolicy || collects) ? new Kernel(compiled) : undefined;
    this.space = new Space({ granule: policy.granule(options), heap, kernel: this.kernel });
    this.objects = new Objects(this.space, collects);
    this.recorder = new Recorder(this.space, this.request, {
      log: record,
      events: settings.events ?? 0,
      budget: settings.keyframeBytes ?? KEYFRAME_BYTES,
    });
    this.meter = new Meter(this.space, settings.from);
    // What the policy sets up before the first event belongs to the recording as well.
    this.space.probe = this.watched ? this.recorder : settings.probe;
    this.allocator = policy.create(this.space, options);
    this.graph = isCollector(this.allocator)
      ? new GraphEvents(this.space, this.objects, this.allocator)
      : undefined;
    for (const part of [this.objects, this.recorder]) this.kernel?.add(part);
    const { bind } = this.allocator;
    if (bind) this.kernel?.add({ bind: bind.bind(this.allocator) });
  }

  /** Events so far. */
  get event(): number {
    return this.now;
  }

  /** Events of these that the kernel has done. */
  get eventsByKernel(): number {
    return this.compiledEvents;
  }

  prepare(trace: Trace): void {
    this.allocator.prepare?.(trace);
  }

  /**
   * Goes on from what `space.save` gave after `event` events of the same replay: addresses and hash are those of one
   * that never stopped. Log, series and refusals speak of what follows.
   */
  resume(event: number, saved: Snapshot): void {
    this.start();
    this.space.restore(saved);
    this.recorder.resume(event);
    this.meter.resume(event);
    this.now = event;
  }

  /** `after` is called with the index of each event when it is over. */
  feed(chunk: Chunk, after?: (index: number) => void): void {
    this.start();
    try {
      const { kernel, compiledPolicy } = this;
      if (kernel && compiledPolicy && after === undefined)
        kernel.alternate(
          chunk,
          0,
          chunk.events,
          (from, to) => this.run(kernel, compiledPolicy, from, to),
          (from, to) => this.feedEach(chunk, from, to),
        );
      else this.feedEach(chunk, 0, chunk.events, after);
    } catch (error) {
      throw error instanceof SpaceError ? this.blame(error.message, chunk) : error;
    }
  }

  private feedEach(chunk: Chunk, from: number, to: number, after?: (index: number) => void): void {
    const { op, row } = chunk;
    const { space, objects, recorder, meter } = this;
    const watched = this.watched;
    const validateEvery = this.validateEvery;
    const threads = chunk.recorded?.thread;
    const threaded = threads !== undefined && threads.length > 0;
    for (let i = from; i < to; i++) {
      this.at = i;
      if (threaded) this.request.thread = threads[i];
      const what = op[i];
      if (what > Op.free) this.refer(chunk, i);
      else if (what === Op.free) this.free(row[i]);
      else if (what === Op.reallocate && objects.slot(row[i]) !== 0) this.reallocate(chunk, i);
      else this.allocate(chunk, i);
      if (!space.adds) this.fail(`${unaccounted(space)} bytes of the heap are unaccounted for`);
      if (validateEvery > 0 && this.now % validateEvery === 0) this.validate();
      if (watched) {
        recorder.endEvent();
        meter.sample();
      }
      this.now++;
      if (after !== undefined) after(i);
    }
  }

  /** The kernel, bound, does events of those that it holds, from its `from` on. Returns how many it has done. */
  private run(kernel: Kernel, policy: string, from: number, to: number): number {
    const { space, recorder, meter, watched } = this;
    const { registers } = kernel;
    registers.set(HASHED, watched ? 1 : 0);
    registers.set(EVENT, this.now);
    if (watched) meter.bind(kernel);
    else registers.set(METERED, 0);
    const end = watched && meter.ahead > 0 ? Math.min(to, from + meter.ahead) : to;
    const done = kernel.run(policy, from, end);
    if (done === 0) return 0;
    space.unbind(registers);
    this.now += done;
    this.compiledEvents += done;
    if (!space.adds) this.fail(`${unaccounted(space)} bytes of the heap are unaccounted for`);
    if (watched) {
      recorder.resume(this.now);
      meter.unbind(registers, done);
    }
    return done;
  }

  /** Walks the space and the policy's own structures. Throws what is broken. */
  validate(): void {
    try {
      validate(this.space);
      this.objects.validate(this.space);
      this.allocator.validate?.();
    } catch (error) {
      throw new SpaceError((error as Error).message);
    }
  }

  finish(): Replayed {
    this.start();
    return {
      recording: this.recorder.finish(this.settings.heap),
      metrics: this.watched ? this.meter.finish() : {},
      series: this.meter.series,
      ...(this.meter.firstRefusal && { firstRefusal: this.meter.firstRefusal }),
      space: this.space,
      allocator: this.allocator,
    };
  }

  /** Closes the set-up, once. */
  private start(): void {
    if (this.started) return;
    this.started = true;
    this.recorder.endSetup();
  }

  /** malloc, calloc, memalign; and realloc of an object that was refused, whose pointer is NULL. */
  private allocate(chunk: Chunk, i: number): void {
    const { space, allocator } = this;
    const request = this.request;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const align = chunk.op[i] === Op.memalign ? chunk.argument[i] : 0;
    const slot = space.ask(bytes, chunk.id[i]);
    request.slot = slot;
    request.previous = 0;
    request.event = this.now;
    request.zeroed = chunk.op[i] === Op.callocate;
    if (this.graph !== undefined) this.graph.born(slot, chunk, i);
    const address = allocator.allocate(bytes, align, request);
    if (address === REFUSED) {
      space.discard(slot);
      this.objects.clear(row);
      this.refused(chunk.id[i], bytes, align);
      return;
    }
    if (space.state(slot) === State.asked)
      space.claim(slot, allocator.blockStart(address), allocator.blockLength(address));
    this.objects.place(row, slot);
    this.settle(slot, address, bytes, align);
  }

  private reallocate(chunk: Chunk, i: number): void {
    const { space, allocator, objects } = this;
    const request = this.request;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const id = chunk.id[i];
    const previous = objects.slot(row);
    const slot = space.ask(bytes, id);
    const from = space.start(previous) + space.offset(previous);
    request.slot = slot;
    request.previous = previous;
    request.event = this.now;
    request.zeroed = false;
    const address = allocator.reallocate(from, bytes, request);
    if (address === REFUSED) {
      space.discard(slot);
      this.refused(id, bytes, 0);
      return;
    }
    if (space.state(slot) === State.asked) {
      if (!this.moved(slot, previous, address)) {
        space.setPayload(previous, bytes);
        space.discard(slot);
        this.settle(previous, address, bytes, 0);
        return;
      }
    } else if (space.state(previous) === State.live)
      this.fail(`the realloc moved to ${address} and left the old block, ${this.rangeOf(previous)}, live`);
    objects.place(row, slot);
    this.settle(slot, address, bytes, 0);
  }

  /** A realloc for which nothing was taken: whether it moved into `slot` after all, or resizes the old block. */
  private moved(slot: Slot, previous: Slot, address: number): boolean {
    const { space, allocator } = this;
    const start = allocator.blockStart(address);
    const length = allocator.blockLength(address);
    if (start >= space.end(previous) || start + length <= space.start(previous)) {
      space.claim(slot, start, length);
      if (space.state(previous) === State.live) space.give(previous);
      return true;
    }
    if (start !== space.start(previous) || length !== space.length(previous))
      space.resize(previous, start, length);
    return false;
  }

  private free(row: number): void {
    const { space, objects } = this;
    const request = this.request;
    const slot = objects.slot(row);
    if (slot === 0) {
      this.meter.skippedEvents++;
      return;
    }
    request.slot = 0;
    request.previous = slot;
    request.event = this.now;
    request.zeroed = false;
    this.allocator.free(space.start(slot) + space.offset(slot), request);
    if (space.state(slot) === State.live) {
      if (isCollector(this.allocator)) this.fail(`${space.nameOf(slot)} is freed and still live`);
      space.give(slot);
    }
    objects.clear(row);
  }

  /** References, roots, pins, collections. */
  private refer(chunk: Chunk, i: number): void {
    this.request.slot = 0;
    this.request.previous = 0;
    this.request.event = this.now;
    if (this.graph?.apply(chunk, i) === false) this.meter.skippedEvents++;
  }

  /** The payload of the object in `slot` is [address, address + bytes) now, and is written. */
  private settle(slot: Slot, address: number, bytes: number, align: number): void {
    const { space } = this;
    const start = space.start(slot);
    // Not the other way round: what is no number compares as false.
    if (!(address >= start && address + bytes <= space.end(slot)))
      this.fail(`the payload [${address}, ${address + bytes}) is not inside its block ${this.rangeOf(slot)}`);
    if (align > 1 && address % align !== 0) this.fail(`the payload at ${address} is not aligned to ${align}`);
    if (this.validateEvery > 0 && this.allocator.blockStart(address) !== start)
      this.fail(
        `blockStart(${address}) is ${this.allocator.blockStart(address)}, the block is ${this.rangeOf(slot)}`,
      );
    space.setOffset(slot, address - start);
    if (this.watched) this.recorder.payloadAt(address - start);
    // Header and payload count as written whole; memory that is zero to begin with is not written by calloc.
    space.touch(start, this.request.zeroed ? address : address + bytes);
  }

  private refused(id: number, bytes: number, align: number): void {
    const { space } = this;
    const need = this.allocator.need(bytes, align);
    const { holeBytes, largestHole } = space;
    const kind: RefusalKind = holeBytes < need ? "exhausted" : largestHole < need ? "fragmented" : "policy";
    // Words are only for those that somebody can ask for: a replay may refuse a million times.
    const kept = this.recorder.keepsRefusals || this.meter.firstRefusal === undefined;
    const said = kept ? this.allocator.reason?.() : undefined;
    const reason = said && inWords(this.settings.policy, said);
    const refusal = {
      event: this.now,
      id,
      kind,
      bytes,
      need,
      holeBytes,
      largestHole,
      controlBytes: space.counter(Counter.controlBytes),
      ...(reason && { reason }),
    };
    this.meter.refused(refusal);
    this.recorder.refused(refusal);
  }

  private rangeOf(slot: Slot): string {
    return `[${this.space.start(slot)}, ${this.space.end(slot)})`;
  }

  private fail(message: string): never {
    throw new SpaceError(message);
  }

  private blame(message: string, chunk: Chunk): PolicyError {
    return new PolicyError(
      `${formatChoice(this.settings)}: event ${this.now} (${eventInWords(chunk, this.at)}): ${message}`,
    );
  }
}

/** heapBytes less all that lies in it. */
function unaccounted(space: Space): number {
  const { heapBytes, blockBytes, garbageBytes, controlBytes } = Counter;
  const lie = [blockBytes, garbageBytes, controlBytes].map((counter) => space.counter(counter));
  return space.counter(heapBytes) - space.holeBytes - lie.reduce((a, b) => a + b);
}

/** Replays a whole trace. Throws PolicyError at the first step that breaks the rules of the space. */
export function replay(trace: Trace, settings: ReplaySettings): Replayed {
  const run = new Replay({ events: trace.events, ...settings });
  run.prepare(trace);
  for (const chunk of trace.chunks) run.feed(chunk);
  return run.finish();
}
