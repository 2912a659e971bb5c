/**
 * Any moment of a recording: the log replayed into a space of its own, with no policy at work.
 *
 * Going forward costs what the log costs. Going back, or far ahead, begins at the nearest keyframe: a copy of the
 * space's columns. Keyframes are taken while passing, at a distance that doubles when the budget is spent.
 */
import type { Snapshot } from "../space/columns.ts";
import type { Probe } from "../space/probe.ts";
import { type Control, type Slot, Space, State } from "../space/space.ts";
import { CHUNK_EVENTS, type Chunk, Op, type Trace } from "../traces/trace.ts";
import { LogOp, type LogPosition, LogReader, unzigzag } from "./log.ts";
import { Objects } from "./objects.ts";
import type { Recording } from "./recorder.ts";

interface Keyframe {
  readonly event: number;
  readonly columns: Snapshot;
  readonly position: LogPosition;
  readonly cursor: number;
  readonly offset: number;
}

/** Bytes that keyframes may take, by default: 64 MiB. */
const BUDGET = 64 * 1024 * 1024;
const FIRST_DISTANCE = 1024;

export class Playback {
  readonly trace: Trace;
  readonly recording: Recording;
  readonly space: Space;
  readonly objects: Objects;
  readonly #reader: LogReader;
  readonly #budget: number;
  #keyframes: Keyframe[] = [];
  #distance = FIRST_DISTANCE;
  #event = 0;
  #cursor = 0;
  #offset = 0;

  constructor(trace: Trace, recording: Recording, budget = BUDGET) {
    if (recording.log.length === 0) throw new Error("this recording was made without a log");
    this.trace = trace;
    this.recording = recording;
    this.#budget = budget;
    this.space = new Space({ granule: recording.granule, heap: recording.heap });
    this.objects = new Objects(this.space);
    this.space.nameOf = (slot) => `object ${this.objects.id(slot)}`;
    this.#reader = new LogReader(recording.log);
    this.#setUp();
    this.#keep();
  }

  /** Events applied so far: the space is as it was before event `event` (from 0) ran. */
  get event(): number {
    return this.#event;
  }

  /** Goes to the moment after `event` events, 0 .. recording.events; `probe` is told of what the last one does. */
  seek(event: number, probe?: Probe): void {
    if (!(event >= 0 && event <= this.recording.events))
      throw new Error(`event ${event} is outside 0 .. ${this.recording.events}`);
    const before = probe && event > 0 ? event - 1 : event;
    const frame = this.#frameBefore(before);
    if (before < this.#event || frame.event > this.#event) this.#restore(frame);
    while (this.#event < before) this.#apply();
    if (before === event) return;
    this.space.probe = probe;
    try {
      this.#apply();
    } finally {
      this.space.probe = undefined;
    }
  }

  #setUp(): void {
    do {
      this.#reader.next();
      if (this.#reader.code !== LogOp.nothing) this.#change(this.#reader.code, this.#reader.payload);
    } while (!this.#reader.last);
  }

  #apply(): void {
    const { space, objects } = this;
    const reader = this.#reader;
    const chunk: Chunk = this.trace.chunks[Math.floor(this.#event / CHUNK_EVENTS)];
    const i = this.#event % CHUNK_EVENTS;
    const row = chunk.row[i];
    const bytes = chunk.bytes[i];
    const op = chunk.op[i];
    const previous = op === Op.reallocate || op === Op.free ? objects.slot(row) : 0;
    const fresh = op < Op.free ? space.ask(bytes) : 0;
    const born = previous === 0 ? this.#event : objects.born(previous);
    let placed = false;
    let refused = false;
    let vacated = false;
    do {
      reader.next();
      const payload = reader.payload;
      switch (reader.code) {
        case LogOp.claim: {
          const start = this.#step(unzigzag(payload));
          const length = reader.number();
          this.#cursor = start + length;
          space.claim(fresh, start * space.granule, length * space.granule);
          placed = true;
          break;
        }
        case LogOp.release:
          space.give(previous);
          vacated = true;
          break;
        case LogOp.die:
          space.die(previous);
          vacated = true;
          break;
        case LogOp.refuse:
          refused = true;
          break;
        case LogOp.offset:
          this.#offset = payload;
          break;
        case LogOp.nothing:
          break;
        default:
          this.#change(reader.code, payload);
      }
    } while (!reader.last);
    if (placed) {
      objects.place(row, fresh, this.#offset, born, chunk.id[i]);
      this.#write(fresh, op === Op.callocate ? 0 : bytes);
    } else if (fresh !== 0) {
      space.discard(fresh);
      if (previous === 0) objects.clear(row);
      else if (!refused) {
        space.setPayload(previous, bytes);
        objects.setOffset(previous, this.#offset);
        this.#write(previous, bytes);
      }
    } else if (vacated) objects.clear(row);
    this.#event++;
    if (this.#event % this.#distance === 0) this.#keep();
  }

  #write(slot: Slot, bytes: number): void {
    const start = this.space.start(slot);
    this.space.touch(start, start + this.objects.offset(slot) + bytes);
  }

  /** What no request asks for by itself: collections and the allocator's own memory. */
  #change(code: LogOp, payload: number): void {
    const { space } = this;
    const reader = this.#reader;
    const granule = space.granule;
    switch (code) {
      case LogOp.releaseSlot:
        this.objects.forget(payload);
        space.give(payload);
        break;
      case LogOp.dieSlot:
        this.objects.forget(payload);
        space.die(payload);
        break;
      case LogOp.move: {
        const to = this.#step(unzigzag(reader.number()));
        this.#cursor = to + space.length(payload) / granule;
        space.move(payload, to * granule);
        break;
      }
      case LogOp.resize: {
        const start = this.#step(unzigzag(reader.number()));
        space.resize(payload, start * granule, reader.number() * granule);
        break;
      }
      case LogOp.reserve: {
        const start = reader.number();
        space.reserve(start * granule, reader.number() * granule, payload as Control);
        break;
      }
      case LogOp.purge:
        space.purge(payload * granule, reader.number() * granule);
        break;
      case LogOp.unreserve:
        space.unreserve(payload * granule);
        break;
      case LogOp.segment:
        this.#segment(payload, reader.number() * granule, reader.number() * granule);
        break;
      case LogOp.unmap:
        space.unmap(payload);
        break;
      case LogOp.collect:
        if (payload === 0) space.endCollection();
        else space.beginCollection(payload - 1);
        break;
      default:
        throw new Error(`the log is damaged at event ${this.#event}: operation ${code}`);
    }
  }

  #segment(edge: Slot, start: number, length: number): void {
    const { space } = this;
    if (edge >= space.slotLimit || space.state(edge) !== State.edge) space.map(length, start);
    else {
      const grown = length - space.segmentLength(edge);
      if (grown > 0) space.extend(grown, edge);
      else if (grown < 0) space.trim(-grown, edge);
    }
  }

  #step(step: number): number {
    return this.#cursor + step;
  }

  #frameBefore(event: number): Keyframe {
    let low = 0;
    let high = this.#keyframes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#keyframes[middle].event <= event) low = middle;
      else high = middle - 1;
    }
    return this.#keyframes[low];
  }

  #keep(): void {
    const last = this.#keyframes[this.#keyframes.length - 1];
    if (last && last.event >= this.#event) return;
    const { position } = this.#reader;
    const columns = this.space.save();
    this.#keyframes.push({
      event: this.#event,
      columns,
      position,
      cursor: this.#cursor,
      offset: this.#offset,
    });
    if (this.#keyframes.length * this.space.columns.byteLength <= this.#budget) return;
    this.#distance *= 2;
    this.#keyframes = this.#keyframes.filter(({ event }) => event % this.#distance === 0);
  }

  #restore(frame: Keyframe): void {
    this.space.restore(frame.columns);
    this.#reader.position = frame.position;
    this.#cursor = frame.cursor;
    this.#offset = frame.offset;
    this.#event = frame.event;
  }
}
