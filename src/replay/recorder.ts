/** Watches a space during a replay: the log (if wanted), the hash, the collections and the refusals. */
import type { Request } from "../allocators/contract.ts";
import type { Column } from "../space/columns.ts";
import type { Probe } from "../space/probe.ts";
import type { Slot, Space } from "../space/space.ts";
import { Hash } from "../traces/hash.ts";
import { LogOp, LogWriter, zigzag } from "./log.ts";

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
  /** What the policy says of it, where it says anything. */
  readonly reason?: string;
}

export interface Collection {
  readonly event: number;
  /** See `Cause`. */
  readonly cause: number;
  moves: number;
  movedBytes: number;
  /** Blocks of garbage given back. */
  reclaimed: number;
}

/** Everything that happened to blocks, in order. */
export interface Recording {
  readonly events: number;
  readonly granule: number;
  readonly heap: number | "grow";
  /** 16 hex digits over granule, heap and every change in absolute addresses, whether or not a log was kept. */
  readonly hash: string;
  /** Empty when the replay ran without a log. */
  readonly log: readonly Uint8Array[];
  readonly collections: readonly Collection[];
  /** The first refusals, at most MOST_REFUSALS of them; the metrics count all. */
  readonly refusals: readonly Refusal[];
}

const MOST_REFUSALS = 100_000;

export class Recorder implements Probe {
  readonly collections: Collection[] = [];
  readonly refusals: Refusal[] = [];
  private readonly log: LogWriter | undefined;
  /**
   * Over a word that is the operation and the event, [event | code 4 bits], then numbers, as many as the operation's
   * kind has: no two sequences of changes run together. Its state is a column of the space, so that a resumed replay
   * ends with the hash of one that never stopped.
   */
  private readonly digest: Hash;
  private readonly granule: number;
  private event = 0;
  /** The event at hand: the slot it asked for, and the one that held its object until now. */
  private readonly request: Request;
  private cursor = 0;
  /** [where the payload lay in its block the last time]. */
  private readonly lastOffset: Column<Int32Array>;
  private collection: Collection | undefined;

  constructor(space: Space, request: Request, log: boolean) {
    this.request = request;
    this.granule = space.granule;
    this.log = log ? new LogWriter() : undefined;
    this.digest = new Hash(space.columns.int32(3).data);
    this.lastOffset = space.columns.int32(1, -1);
    this.digest.word(space.granule);
    this.digest.word(space.grows ? -1 : space.limit / space.granule);
  }

  get logBytes(): number {
    return this.log?.bytes ?? 0;
  }

  /** What was changed so far happened before the first event: the policy's own set-up. */
  endSetup(): void {
    this.digest.word(LogOp.nothing);
    this.log?.endEvent();
  }

  /** What follows is said of event `event` on. */
  resume(event: number): void {
    this.event = event;
  }

  endEvent(): void {
    if (this.log !== undefined) this.log.endEvent();
    this.event++;
  }

  refused(refusal: Refusal): void {
    if (this.refusals.length < MOST_REFUSALS) this.refusals.push(refusal);
    this.note(LogOp.refuse, 0);
    this.log?.op(LogOp.refuse, 0);
  }

  /** Where the payload of the event's object lies in its block, in bytes from the block's start. */
  payloadAt(offset: number): void {
    const last = this.lastOffset.data;
    if (offset === last[0]) return;
    last[0] = offset;
    this.note(LogOp.offset, offset);
    this.log?.op(LogOp.offset, offset);
  }

  claimed(slot: Slot, start: number, length: number): void {
    this.note(LogOp.claim, start, length);
    if (slot !== this.request.slot)
      throw new Error(`slot ${slot} is claimed during an event that asked for ${this.request.slot}`);
    if (this.log === undefined) return;
    this.log.op(LogOp.claim, zigzag(start - this.cursor));
    this.log.number(length);
    this.cursor = start + length;
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

  resized(slot: Slot, start: number, length: number): void {
    this.note(LogOp.resize, slot, start);
    this.digest.word(length);
    this.log?.op(LogOp.resize, slot);
    this.log?.number(zigzag(start - this.cursor));
    this.log?.number(length);
  }

  moved(slot: Slot, from: number, to: number, length: number): void {
    this.note(LogOp.move, slot, to);
    this.digest.word(from);
    this.log?.op(LogOp.move, slot);
    this.log?.number(zigzag(to - this.cursor));
    this.cursor = to + length;
    if (!this.collection) return;
    this.collection.moves++;
    this.collection.movedBytes += length * this.granule;
  }

  reserved(_slot: Slot, start: number, length: number, kind: number): void {
    this.note(LogOp.reserve, start, length);
    this.digest.word(kind);
    this.log?.op(LogOp.reserve, kind);
    this.log?.number(start);
    this.log?.number(length);
  }

  unreserved(_slot: Slot, start: number): void {
    this.note(LogOp.unreserve, start);
    this.log?.op(LogOp.unreserve, start);
  }

  segment(edge: Slot, start: number, length: number): void {
    this.note(LogOp.segment, edge, start);
    this.digest.word(length);
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
    this.log?.number(length);
  }

  collected(cause: number): void {
    this.note(LogOp.collect, cause);
    this.log?.op(LogOp.collect, cause + 1);
    if (cause < 0) this.collection = undefined;
    else {
      this.collection = { event: this.event, cause, moves: 0, movedBytes: 0, reclaimed: 0 };
      this.collections.push(this.collection);
    }
  }

  finish(heap: number | "grow"): Recording {
    return {
      events: this.event,
      granule: this.granule,
      heap,
      hash: this.digest.digest(this.event),
      log: this.log?.finish() ?? [],
      collections: this.collections,
      refusals: this.refusals,
    };
  }

  private word(op: LogOp): number {
    return (this.event << 4) | op;
  }

  /** Numbers that an operation has none of are 0. */
  private note(op: LogOp, a: number, b = 0): void {
    this.digest.three(this.word(op), a, b);
  }
}
