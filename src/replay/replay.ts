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
import { Meter } from "../metrics/meter.ts";
import type { MetricValues } from "../metrics/metric.ts";
import type { Series } from "../metrics/series.ts";
import { OptionError, type Options } from "../options/options.ts";
import type { Snapshot } from "../space/columns.ts";
import { type Slot, Space, SpaceError, State } from "../space/space.ts";
import { validate } from "../space/validate.ts";
import { type Chunk, isObjectless, OP_NAMES, Op, type Trace } from "../traces/trace.ts";
import { GraphEvents } from "./graph-events.ts";
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
  /** Keep the log, so that any moment can be seen. Default: yes. */
  readonly record?: boolean;
  /** false: policy and space alone; metrics, series and the recording stay empty. Default: yes. */
  readonly metrics?: boolean;
  /** Walk and check everything, space and policy, after every n-th event. Default 0: never. */
  readonly validateEvery?: number;
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
  readonly #settings: ReplaySettings;
  readonly #request: Request = { slot: 0, previous: 0, event: 0, thread: 0, site: 0, zeroed: false };
  readonly #validateEvery: number;
  /** Recorder and meter watch. */
  readonly #watched: boolean;
  /** Of a policy that collects. */
  readonly #graph: GraphEvents | undefined;
  #event = 0;
  /** The event's index in the chunk at hand. */
  #at = 0;
  #started = false;

  constructor(settings: ReplaySettings) {
    const { policy, options, heap } = settings;
    if (heap === "grow" && policy.growable === false)
      throw new OptionError(
        `policy ${policy.name} manages an arena of fixed size: give a heap size instead of "grow"`,
      );
    this.#settings = settings;
    this.#validateEvery = settings.validateEvery ?? 0;
    this.#watched = settings.metrics ?? true;
    this.space = new Space({ granule: policy.granule(options), heap });
    this.objects = new Objects(this.space);
    this.space.nameOf = (slot) => `object ${this.objects.id(slot)}`;
    this.recorder = new Recorder(this.space, settings.record ?? true);
    this.meter = new Meter(this.space, settings.from);
    // What the policy sets up before the first event belongs to the recording as well.
    if (this.#watched) this.space.probe = this.recorder;
    this.allocator = policy.create(this.space, options);
    if (isCollector(this.allocator)) this.#graph = new GraphEvents(this.space, this.objects, this.allocator);
  }

  /** Events so far. */
  get event(): number {
    return this.#event;
  }

  prepare(trace: Trace): void {
    this.allocator.prepare?.(trace);
  }

  /**
   * Goes on from what `space.save` gave after `event` events of the same replay: addresses and hash are those of one
   * that never stopped. Log, series and refusals speak of what follows.
   */
  resume(event: number, saved: Snapshot): void {
    this.#start();
    this.space.restore(saved);
    this.recorder.resume(event);
    this.meter.resume(event);
    this.#event = event;
  }

  /** `after` is called with the index of each event when it is over. */
  feed(chunk: Chunk, after?: (index: number) => void): void {
    const { op, row } = chunk;
    const { space, objects, recorder, meter } = this;
    const watched = this.#watched;
    this.#start();
    try {
      for (let i = 0; i < chunk.events; i++) {
        this.#at = i;
        if (op[i] > Op.free) this.#refer(chunk, i);
        else if (op[i] === Op.free) this.#free(row[i]);
        else if (op[i] === Op.reallocate && objects.slot(row[i]) !== 0) this.#reallocate(chunk, i);
        else this.#allocate(chunk, i);
        if (watched) recorder.endEvent();
        if (space.unaccountedBytes !== 0)
          this.#fail(`${space.unaccountedBytes} bytes of the heap are unaccounted for`);
        if (this.#validateEvery > 0 && this.#event % this.#validateEvery === 0) this.validate();
        if (watched) meter.sample();
        this.#event++;
        after?.(i);
      }
    } catch (error) {
      throw error instanceof SpaceError ? this.#blame(error.message, chunk) : error;
    }
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
    this.#start();
    return {
      recording: this.recorder.finish(this.#settings.heap),
      metrics: this.#watched ? this.meter.finish() : {},
      series: this.meter.series,
      ...(this.meter.firstRefusal && { firstRefusal: this.meter.firstRefusal }),
      space: this.space,
      allocator: this.allocator,
    };
  }

  /** Closes the set-up, once. */
  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.recorder.endSetup();
  }

  /** malloc, calloc, memalign; and realloc of an object that was refused, whose pointer is NULL. */
  #allocate(chunk: Chunk, i: number): void {
    const { space, allocator } = this;
    const request = this.#request;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const align = chunk.op[i] === Op.memalign ? chunk.argument[i] : 0;
    const slot = space.ask(bytes);
    this.objects.expect(slot, chunk.id[i]);
    request.slot = slot;
    request.previous = 0;
    request.event = this.#event;
    request.zeroed = chunk.op[i] === Op.callocate;
    this.recorder.beginEvent(slot, 0);
    this.#graph?.born(slot, chunk, i);
    const address = allocator.allocate(bytes, align, request);
    if (address === REFUSED) {
      space.discard(slot);
      this.objects.clear(row);
      this.#refused(chunk.id[i], bytes, align);
      return;
    }
    if (space.state(slot) === State.asked)
      space.claim(slot, allocator.blockStart(address), allocator.blockLength(address));
    this.#settle(row, slot, address, bytes, align, this.#event, chunk.id[i]);
  }

  #reallocate(chunk: Chunk, i: number): void {
    const { space, allocator, objects } = this;
    const request = this.#request;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const id = chunk.id[i];
    const previous = objects.slot(row);
    const slot = space.ask(bytes);
    objects.expect(slot, id);
    const from = space.start(previous) + objects.offset(previous);
    const born = objects.born(previous);
    request.slot = slot;
    request.previous = previous;
    request.event = this.#event;
    request.zeroed = false;
    this.recorder.beginEvent(slot, previous);
    const address = allocator.reallocate(from, bytes, request);
    if (address === REFUSED) {
      space.discard(slot);
      this.#refused(id, bytes, 0);
      return;
    }
    if (space.state(slot) === State.asked) {
      if (!this.#inPlace(slot, previous, address, bytes)) return;
    } else if (space.state(previous) === State.live)
      this.#fail(`the realloc moved to ${address} and left the old block, ${this.#rangeOf(previous)}, live`);
    this.#settle(row, slot, address, bytes, 0, born, id);
  }

  /** Settles a realloc for which nothing was taken. Returns whether it moved into `slot` after all. */
  #inPlace(slot: Slot, previous: Slot, address: number, bytes: number): boolean {
    const { space, allocator, objects } = this;
    const start = allocator.blockStart(address);
    const length = allocator.blockLength(address);
    const apart = start >= space.end(previous) || start + length <= space.start(previous);
    if (apart) {
      space.claim(slot, start, length);
      if (space.state(previous) === State.live) space.give(previous);
      return true;
    }
    if (start !== space.start(previous) || length !== space.length(previous))
      space.resize(previous, start, length);
    space.setPayload(previous, bytes);
    space.discard(slot);
    this.#check(previous, address, bytes, 0);
    objects.setOffset(previous, address - start);
    if (this.#watched) this.recorder.payloadAt(address - start);
    this.#write(previous, address, bytes);
    return false;
  }

  #free(row: number): void {
    const { space, objects } = this;
    const request = this.#request;
    const slot = objects.slot(row);
    if (slot === 0) {
      this.recorder.beginEvent(0, 0);
      this.meter.skippedEvents++;
      return;
    }
    request.slot = 0;
    request.previous = slot;
    request.event = this.#event;
    request.zeroed = false;
    this.recorder.beginEvent(0, slot);
    this.allocator.free(space.start(slot) + objects.offset(slot), request);
    if (space.state(slot) === State.live) {
      if (isCollector(this.allocator)) this.#fail(`${space.nameOf(slot)} is freed and still live`);
      space.give(slot);
    }
    objects.clear(row);
  }

  /** References, roots, pins, collections. */
  #refer(chunk: Chunk, i: number): void {
    this.recorder.beginEvent(0, 0);
    if (this.#graph?.apply(chunk, i) === false) this.meter.skippedEvents++;
  }

  /** The object of `row` is in `slot` now. */
  #settle(
    row: number,
    slot: Slot,
    address: number,
    bytes: number,
    align: number,
    born: number,
    id: number,
  ): void {
    const offset = address - this.space.start(slot);
    this.objects.place(row, slot, offset, born, id);
    if (this.#watched) this.recorder.payloadAt(offset);
    this.#check(slot, address, bytes, align);
    this.#write(slot, address, bytes);
  }

  /** Header and payload count as written whole; memory that is zero to begin with is not written by calloc. */
  #write(slot: Slot, address: number, bytes: number): void {
    this.space.touch(this.space.start(slot), this.#request.zeroed ? address : address + bytes);
  }

  #check(slot: Slot, address: number, bytes: number, align: number): void {
    const { space } = this;
    // Not the other way round: what is no number compares as false.
    if (!(address >= space.start(slot) && address + bytes <= space.end(slot)))
      this.#fail(
        `the payload [${address}, ${address + bytes}) is not inside its block ${this.#rangeOf(slot)}`,
      );
    if (align > 1 && address % align !== 0)
      this.#fail(`the payload at ${address} is not aligned to ${align}`);
    if (this.#validateEvery > 0 && this.allocator.blockStart(address) !== space.start(slot))
      this.#fail(
        `blockStart(${address}) is ${this.allocator.blockStart(address)}, the block is ${this.#rangeOf(slot)}`,
      );
  }

  #refused(id: number, bytes: number, align: number): void {
    const { space } = this;
    const need = this.allocator.need(bytes, align);
    const { holeBytes, largestHole } = space;
    const kind: RefusalKind = holeBytes < need ? "exhausted" : largestHole < need ? "fragmented" : "policy";
    const said = this.allocator.reason?.();
    const reason = said && inWords(this.#settings.policy, said);
    const refusal = {
      event: this.#event,
      id,
      kind,
      bytes,
      need,
      holeBytes,
      largestHole,
      ...(reason && { reason }),
    };
    this.meter.refused(refusal);
    this.recorder.refused(refusal);
  }

  #rangeOf(slot: Slot): string {
    return `[${this.space.start(slot)}, ${this.space.end(slot)})`;
  }

  #fail(message: string): never {
    throw new SpaceError(message);
  }

  #blame(message: string, chunk: Chunk): PolicyError {
    const i = this.#at;
    const op = chunk.op[i];
    const object = isObjectless(op) ? "" : ` of object ${chunk.id[i]}`;
    const call = `${OP_NAMES[op]}${object}${op < Op.free ? `, ${chunk.bytes[i]} bytes` : ""}`;
    return new PolicyError(`${formatChoice(this.#settings)}: event ${this.#event} (${call}): ${message}`);
  }
}

/** Replays a whole trace. Throws PolicyError at the first step that breaks the rules of the space. */
export function replay(trace: Trace, settings: ReplaySettings): Replayed {
  const run = new Replay(settings);
  run.prepare(trace);
  for (const chunk of trace.chunks) run.feed(chunk);
  return run.finish();
}
