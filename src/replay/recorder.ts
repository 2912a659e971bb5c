/** Watches a space during a replay: the log (if wanted), the hash, the collections and the refusals. */
import type { Request } from "../allocators/contract.ts";
import type { Registers } from "../kernel/kernel.ts";
import { EVENT, HASH, LAST_OFFSET } from "../kernel/registers.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import type { Probe } from "../space/probe.ts";
import type { Slot, Space } from "../space/space.ts";
import { Hash } from "../traces/hash.ts";
import { type Keyframe, Keyframes } from "./keyframes.ts";
import { holeCode, LogOp, LogWriter, zigzag } from "./log.ts";

/** Why a request failed: too few free bytes; enough, but in pieces; or a range fits and the policy cannot use it. */
export type RefusalKind = "exhausted" | "fragmented" | "policy";

export interface Refusal {
  readonly event: number;
  /** The object's id in the trace. */
  readonly id: number;
  readonly kind: RefusalKind;
  /** Bytes asked for. */
  readonly bytes: number;
  /** Shortest block that would have done, as the policy says. */
  readonly need: number;
  readonly holeBytes: number;
  readonly largestHole: number;
  /** The policy's own, at that moment. */
  readonly controlBytes: number;
  /** What the policy says of it, where it says anything. */
  readonly reason?: string;
}

export interface Collection {
  readonly event: number;
  /** See `Cause`. */
  readonly cause: number;
  moves: number;
  movedBytes: number;
  /** Blocks given back. */
  reclaimed: number;
  /** What it cost, in words, references and bytes: see `Cost`. */
  markedWords: number;
  scannedWords: number;
  updatedReferences: number;
  touchedWords: number;
  extraBytes: number;
}

/** The costs of a collection that only add up. */
const ADDED = ["markedWords", "scannedWords", "updatedReferences", "touchedWords"] as const;

/** Everything that happened to blocks, in order. */
export interface Recording {
  readonly events: number;
  readonly granule: number;
  readonly heap: number | "grow";
  /** 16 hex digits over granule, heap and every change in absolute addresses, whether or not a log was kept. */
  readonly hash: string;
  /** Empty when the replay ran without a log. */
  readonly log: readonly Uint8Array[];
  /** States of the replay on the way, the first one that before event 0; none without a log. */
  readonly keyframes: readonly Keyframe[];
  readonly collections: readonly Collection[];
  /** The first refusals: at most 100,000, or 1,000 when the replay ran without a log. The metrics count all. */
  readonly refusals: readonly Refusal[];
}

export interface RecorderSettings {
  /** Keep a log and keyframes. */
  readonly log: boolean;
  /** Events that there will be, 0 where that is not known. */
  readonly events: number;
  /** Bytes of all keyframes. */
  readonly budget: number;
}

const MOST_REFUSALS = 100_000;
const MOST_WITHOUT_LOG = 1000;

export class Recorder implements Probe {
  readonly collections: Collection[] = [];
  readonly refusals: Refusal[] = [];
  private readonly log: LogWriter | undefined;
  /**
   * Over a word that is the operation and the event, [event | code 4 bits], then numbers, as many as the operation's
   * kind has: no two sequences of changes run together. Its state is a column of the space, so that a resumed replay
   * ends with the hash of one that never stopped.
   */
  private readonly hash: Hash;
  private readonly granule: number;
  private readonly space: Space;
  private readonly keyframes: Keyframes;
  private event = 0;
  /** The event at hand: the slot it asked for, and the one that held its object until now. */
  private readonly request: Request;
  /** [where the payload lay in its block the last time]. */
  private readonly offset: Column<Int32Array>;
  private collection: Collection | undefined;

  constructor(space: Space, request: Request, { log, events, budget }: RecorderSettings) {
    this.space = space;
    this.request = request;
    this.granule = space.granule;
    this.log = log ? new LogWriter() : undefined;
    this.keyframes = new Keyframes(events, budget);
    this.hash = new Hash(space.columns.int32(3).data);
    this.offset = space.columns.int32(1, -1);
    this.hash.word(space.granule);
    this.hash.word(space.grows ? -1 : space.limit / space.granule);
  }

  get logBytes(): number {
    return this.log?.bytes ?? 0;
  }

  /** Of all changes so far. */
  get digest(): string {
    return this.hash.digest(this.event);
  }

  /** What was changed so far happened before the first event: the policy's own set-up. */
  endSetup(): void {
    this.hash.word(LogOp.nothing);
    if (this.log === undefined) return;
    this.log.endEvent();
    this.keep(this.log);
  }

  /** What follows is said of event `event` on. */
  resume(event: number): void {
    this.event = event;
  }

  bind(registers: Registers): void {
    registers.set(EVENT, this.event);
    this.hash.bind(registers, HASH);
    registers.point(LAST_OFFSET, this.offset.data);
  }

  endEvent(): void {
    this.event++;
    if (this.log === undefined) return;
    this.log.endEvent();
    if (this.log.bytes >= this.keyframes.due) this.keep(this.log);
  }

  private keep({ position, bytes }: LogWriter): void {
    const { event } = this;
    this.keyframes.keep({ event, columns: this.space.save(), position, offset: this.offset.data[0] }, bytes);
  }

  /** The next refusal will be among those that are kept. */
  get keepsRefusals(): boolean {
    return this.refusals.length < (this.log ? MOST_REFUSALS : MOST_WITHOUT_LOG);
  }

  refused(refusal: Refusal): void {
    if (this.keepsRefusals) this.refusals.push(refusal);
    this.note(LogOp.refuse, 0);
    this.log?.op(LogOp.refuse, 0);
  }

  /** Where the payload of the event's object lies in its block, in bytes from the block's start. */
  payloadAt(offset: number): void {
    const last = this.offset.data;
    if (offset === last[0]) return;
    last[0] = offset;
    this.note(LogOp.offset, offset);
    this.log?.op(LogOp.offset, offset);
  }

  claimed(slot: Slot, start: number, length: number, hole: number, offset: number): void {
    this.note(LogOp.claim, start, length);
    if (slot !== this.request.slot)
      throw new Error(`slot ${slot} is claimed during an event that asked for ${this.request.slot}`);
    const log = this.log;
    if (log === undefined) return;
    log.op(LogOp.claim, holeCode(hole, offset));
    if (offset !== 0) log.number(offset);
    log.number(length);
  }

  released(slot: Slot): void {
    this.note(LogOp.release, slot);
    if (this.collection !== undefined) this.collection.reclaimed++;
    if (this.log === undefined) return;
    if (slot === this.request.previous) this.log.op(LogOp.release, 0);
    else this.log.op(LogOp.releaseSlot, slot);
  }

  died(slot: Slot): void {
    this.note(LogOp.die, slot);
    if (slot === this.request.previous) this.log?.op(LogOp.die, 0);
    else this.log?.op(LogOp.dieSlot, slot);
  }

  resized(slot: Slot, start: number, length: number, oldStart: number): void {
    this.note(LogOp.resize, slot, start);
    this.hash.word(length);
    this.log?.op(LogOp.resize, slot);
    this.log?.number(zigzag(start - oldStart));
    this.log?.number(length);
  }

  moved(slot: Slot, from: number, to: number, length: number, hole: number, offset: number): void {
    this.note(LogOp.move, slot, to);
    this.hash.word(from);
    this.log?.op(LogOp.move, slot);
    this.log?.number(holeCode(hole, offset));
    if (offset !== 0) this.log?.number(offset);
    if (this.collection === undefined) return;
    this.collection.moves++;
    this.collection.movedBytes += length * this.granule;
  }

  slid(moves: number, movedGranules: number, reclaimed: number): void {
    if (this.collection === undefined) return;
    this.collection.moves += moves;
    this.collection.movedBytes += movedGranules * this.granule;
    this.collection.reclaimed += reclaimed;
  }

  reserved(_slot: Slot, start: number, length: number, kind: number, hole: number, offset: number): void {
    this.note(LogOp.reserve, start, length);
    this.hash.word(kind);
    this.log?.op(LogOp.reserve, kind);
    this.log?.number(holeCode(hole, offset));
    if (offset !== 0) this.log?.number(offset);
    this.log?.number(length);
  }

  unreserved(slot: Slot, start: number): void {
    this.note(LogOp.unreserve, start);
    this.log?.op(LogOp.unreserve, slot);
  }

  segment(edge: Slot, start: number, length: number): void {
    this.note(LogOp.segment, edge, start);
    this.hash.word(length);
    this.log?.op(LogOp.segment, edge);
    this.log?.number(start);
    this.log?.number(length);
  }

  unmapped(edge: Slot): void {
    this.note(LogOp.unmap, edge);
    this.log?.op(LogOp.unmap, edge);
  }

  purged(start: number, length: number): void {
    this.note(LogOp.purge, start, length);
    this.log?.op(LogOp.purge, start);
    this.log?.number((length << 1) >>> 0);
  }

  /** For the hash, a purge of less than nothing, and a word more. */
  shared(start: number, length: number, other: number): void {
    this.note(LogOp.purge, start, -length);
    this.hash.word(other);
    this.log?.op(LogOp.purge, start);
    this.log?.number(((length << 1) | 1) >>> 0);
    this.log?.number(other);
  }

  collected(cause: number): void {
    this.note(LogOp.collect, cause);
    this.log?.op(LogOp.collect, cause + 1);
    const { space, collection } = this;
    if (cause < 0 && collection !== undefined) {
      for (const name of ADDED) collection[name] += space.cost(Cost[name]);
      collection.extraBytes = space.extraBytes;
      this.collection = undefined;
    } else {
      const begun = { event: this.event, cause, moves: 0, movedBytes: 0, reclaimed: 0, extraBytes: 0 };
      const costs = Object.fromEntries(ADDED.map((name) => [name, -space.cost(Cost[name])]));
      this.collection = { ...begun, ...costs } as Collection;
      this.collections.push(this.collection);
    }
  }

  finish(heap: number | "grow"): Recording {
    return {
      events: this.event,
      granule: this.granule,
      heap,
      hash: this.digest,
      log: this.log?.finish() ?? [],
      keyframes: this.keyframes.frames,
      collections: this.collections,
      refusals: this.refusals,
    };
  }

  private word(op: LogOp): number {
    return (this.event << 4) | op;
  }

  /** Numbers that an operation has none of are 0. */
  private note(op: LogOp, a: number, b = 0): void {
    this.hash.three(this.word(op), a, b);
  }
}
