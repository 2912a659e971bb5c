/**
 * Any moment of a recording: the log replayed into a space of its own, with no policy at work.
 *
 * Each operation of the log names the slots and holes that it works on, and the space gives them out as it did when
 * they were recorded: an event costs what its changes to the block map cost. Going back, or far ahead, begins at the
 * nearest keyframe of the recording.
 */
import { Kernel, type Registers } from "../kernel/kernel.ts";
import { HASHED, METERED, OF_POLICY } from "../kernel/registers.ts";
import type { Probe } from "../space/probe.ts";
import { type Control, type Slot, Space, State } from "../space/space.ts";
import { CHUNK_EVENTS, type Chunk, Op, type Trace } from "../traces/trace.ts";
import type { Keyframe } from "./keyframes.ts";
import { LOG_PAGE, LogOp, LogReader, unzigzag } from "./log.ts";
import { Objects } from "./objects.ts";
import type { Recording } from "./recorder.ts";

export class Playback {
  readonly trace: Trace;
  readonly recording: Recording;
  readonly space: Space;
  readonly objects: Objects;
  private readonly reader: LogReader;
  private readonly kernel: Kernel | undefined;
  /** For the kernel: a page of the log, and which one it is. */
  private page: { readonly bytes: Uint8Array; number: number } | undefined;
  /** Events applied so far. */
  private now = 0;
  private compiledEvents = 0;
  /** Where in its block the payload begins, of the event's object and those that follow. */
  private offset = 0;

  /** `kernel`: does the plain events, where nothing was collected. The space is the same with and without it. */
  constructor(trace: Trace, recording: Recording, kernel?: WebAssembly.Module) {
    if (recording.log.length === 0) throw new Error("this recording was made without a log");
    const collected = recording.collections.length > 0;
    if (!collected) this.kernel = kernel && new Kernel(kernel);
    this.trace = trace;
    this.recording = recording;
    this.space = new Space({ granule: recording.granule, heap: recording.heap, kernel: this.kernel });
    this.objects = new Objects(this.space, collected);
    this.reader = new LogReader(recording.log);
    this.kernel?.add(this.objects);
    this.kernel?.add(this);
    this.restore(recording.keyframes[0]);
  }

  /** Events applied so far: the space is as it was before event `event` (from 0) ran. */
  get event(): number {
    return this.now;
  }

  /** Of all events that were ever applied, those that the kernel did. */
  get eventsByKernel(): number {
    return this.compiledEvents;
  }

  /**
   * The events that gave the objects in `slots` their births; realloc leaves them. One pass back through the trace from
   * the moment at hand, to the oldest of them. Garbage whose id is in use again has the birth of its namesake.
   */
  births(slots: readonly Slot[]): number[] {
    const births = new Map<number, number>(slots.map((slot) => [this.space.id(slot), -1]));
    let sought = births.size;
    let chunk = Math.floor(this.now / CHUNK_EVENTS);
    for (let end = this.now % CHUNK_EVENTS; sought > 0 && chunk >= 0; chunk--, end = CHUNK_EVENTS) {
      if (end === 0) continue;
      const { id, op } = this.trace.chunks[chunk];
      for (let i = end - 1; i >= 0 && sought > 0; i--) {
        if (op[i] >= Op.reallocate || births.get(id[i]) !== -1) continue;
        births.set(id[i], chunk * CHUNK_EVENTS + i);
        sought--;
      }
    }
    return slots.map((slot) => births.get(this.space.id(slot)) ?? -1);
  }

  /** Goes to the moment after `event` events, 0 .. recording.events; `probe` is told of what the last one does. */
  seek(event: number, probe?: Probe): void {
    if (!(event >= 0 && event <= this.recording.events))
      throw new Error(`event ${event} is outside 0 .. ${this.recording.events}`);
    const before = probe && event > 0 ? event - 1 : event;
    const frame = keyframeBefore(this.recording, before);
    if (before < this.now || frame.event > this.now) this.restore(frame);
    this.apply(before);
    if (before === event) return;
    this.space.probe = probe;
    try {
      this.apply(event);
    } finally {
      this.space.probe = undefined;
    }
  }

  /** Events up to `event`. */
  private apply(event: number): void {
    while (this.now < event) {
      const chunk = this.trace.chunks[Math.floor(this.now / CHUNK_EVENTS)];
      const from = this.now % CHUNK_EVENTS;
      const to = Math.min(chunk.events, from + event - this.now);
      const { kernel } = this;
      if (kernel && this.space.probe === undefined)
        kernel.alternate(
          chunk,
          from,
          to,
          (from, to) => this.run(kernel, from, to),
          (from, to) => this.applyEach(chunk, from, to),
        );
      else this.applyEach(chunk, from, to);
    }
  }

  /** Where the log goes on, in place of a policy. */
  bind(registers: Registers): void {
    const { page, byte } = this.reader.position;
    const log = this.recording.log[page];
    this.page ??= { bytes: this.space.columns.array(Uint8Array, LOG_PAGE), number: -1 };
    if (page !== this.page.number) this.page.bytes.set(log);
    this.page.number = page;
    registers.point(OF_POLICY, this.page.bytes);
    registers.set(OF_POLICY + 1, log.length);
    registers.set(OF_POLICY + 2, byte);
    registers.set(OF_POLICY + 3, this.offset);
    registers.set(HASHED, 0);
    registers.set(METERED, 0);
  }

  /** The kernel, bound, does events of those that it holds, from its `from` on. Returns how many it has done. */
  private run(kernel: Kernel, from: number, to: number): number {
    const done = kernel.run("played", from, to);
    if (done === 0) return 0;
    const { registers } = kernel;
    this.space.unbind(registers);
    this.reader.position = { page: this.reader.position.page, byte: registers.get(OF_POLICY + 2) };
    this.offset = registers.get(OF_POLICY + 3);
    this.now += done;
    this.compiledEvents += done;
    return done;
  }

  private applyEach(chunk: Chunk, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const op = chunk.op[i];
      if (op < Op.free) this.applyRequest(chunk, i);
      else if (op === Op.free) this.applyFree(chunk.row[i]);
      else this.applyOther();
      this.now++;
    }
  }

  private applyFree(row: number): void {
    const { space, reader } = this;
    const slot = this.objects.slot(row);
    if (slot !== 0) this.objects.clear(row);
    do {
      reader.next();
      if (reader.code === LogOp.release) space.give(slot);
      else this.change(reader.code, slot);
    } while (!reader.last);
  }

  /** References, roots, pins, collections. */
  private applyOther(): void {
    do {
      this.reader.next();
      this.change(this.reader.code, 0);
    } while (!this.reader.last);
  }

  private applyRequest(chunk: Chunk, i: number): void {
    const { space, objects, reader } = this;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const previous = chunk.op[i] < Op.reallocate ? 0 : objects.slot(row);
    const slot = space.ask(bytes, chunk.id[i]);
    let refused = false;
    do {
      reader.next();
      if (reader.code === LogOp.claim) {
        const hole = reader.payload;
        const offset = (hole & 1) === 0 ? 0 : reader.number();
        space.take(-(hole >>> 1), offset * space.granule, reader.number() * space.granule, slot);
      } else if (reader.code === LogOp.refuse) refused = true;
      else this.change(reader.code, previous);
    } while (!reader.last);
    let holder = slot;
    if (space.state(slot) === State.asked) {
      space.discard(slot);
      if (refused) {
        if (previous === 0) objects.clear(row);
        return;
      }
      holder = previous;
      space.setPayload(holder, bytes);
    }
    objects.place(row, holder);
    space.setOffset(holder, this.offset);
    const start = space.start(holder);
    space.touch(start, start + this.offset + (chunk.op[i] === Op.callocate ? 0 : bytes));
  }

  /** What may happen at any event. `previous` held its object until now. */
  private change(code: LogOp, previous: Slot): void {
    const { space, reader } = this;
    const { granule } = space;
    const { payload } = reader;
    switch (code) {
      case LogOp.nothing:
        break;
      case LogOp.release:
        space.give(previous);
        break;
      case LogOp.die:
        space.die(previous);
        break;
      case LogOp.offset:
        this.offset = payload;
        break;
      case LogOp.releaseSlot:
        this.objects.forget(payload);
        space.give(payload);
        break;
      case LogOp.dieSlot:
        this.objects.forget(payload);
        space.die(payload);
        break;
      case LogOp.move: {
        const hole = reader.number();
        space.moveInto(payload, -(hole >>> 1), (hole & 1) === 0 ? 0 : reader.number() * granule);
        break;
      }
      case LogOp.resize: {
        const start = space.start(payload) + unzigzag(reader.number()) * granule;
        space.resize(payload, start, reader.number() * granule);
        break;
      }
      case LogOp.reserve: {
        const hole = reader.number();
        const offset = (hole & 1) === 0 ? 0 : reader.number() * granule;
        space.reserveIn(-(hole >>> 1), offset, reader.number() * granule, payload as Control);
        break;
      }
      case LogOp.purge: {
        const length = reader.number();
        if ((length & 1) === 0) space.purge(payload * granule, (length >>> 1) * granule);
        else space.share(payload * granule, (length >>> 1) * granule, reader.number() * granule);
        break;
      }
      case LogOp.unreserve:
        space.unreserveSlot(payload);
        break;
      case LogOp.segment:
        this.segment(payload, reader.number() * granule, reader.number() * granule);
        break;
      case LogOp.unmap:
        space.unmap(payload);
        break;
      case LogOp.collect:
        if (payload === 0) space.endCollection();
        else space.beginCollection(payload - 1);
        break;
      default:
        throw new Error(`the log is damaged at event ${this.now}: operation ${code}`);
    }
  }

  private segment(edge: Slot, start: number, length: number): void {
    const { space } = this;
    if (edge >= space.slotLimit || space.state(edge) !== State.edge) space.map(length, start);
    else {
      const grown = length - space.segmentLength(edge);
      if (grown > 0) space.extend(grown, edge);
      else if (grown < 0) space.trim(-grown, edge);
    }
  }

  private restore(frame: Keyframe): void {
    this.space.restore(frame.columns);
    this.reader.position = frame.position;
    this.offset = frame.offset;
    this.now = frame.event;
  }
}

/** The last keyframe that is not behind the moment after `event` events. */
export function keyframeBefore({ keyframes }: Recording, event: number): Keyframe {
  let low = 0;
  let high = keyframes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (keyframes[middle].event <= event) low = middle;
    else high = middle - 1;
  }
  return keyframes[low];
}
