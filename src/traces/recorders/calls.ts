/**
 * The calls of a program as recorders tell them, by address, written as events: each block becomes an object with an
 * id of its own. What no program could have done, or what the recorder missed, is counted as an anomaly and let pass,
 * or with `strict` an error.
 */
import type { TraceBuilder } from "../builder.ts";
import type { Source } from "../importer.ts";
import { type Fidelity, MOST_BYTES, TraceError } from "../trace.ts";
import { LiveAddresses } from "./live-addresses.ts";

/** Kinds of anomalies. */
export const Odd = {
  unknownFree: "free of an unknown block",
  unknownRealloc: "realloc of an unknown block",
  liveAddress: "allocation at a live address",
  freeOfNull: "free of NULL",
  noBytes: "request of 0 bytes",
  reallocToNone: "realloc to 0 bytes",
  failed: "failed call",
  tooMany: `request of more than ${MOST_BYTES} bytes`,
  alignment: "alignment that is no power of two up to 2^30",
  lost: "lost event",
  unreadable: "unreadable line",
  truncated: "truncated tail",
  untold: "call whose block is not told",
  exec: "block that ended with exec",
} as const;

/** After these the events are not all that the program did: the trace is partial. */
const INCOMPLETE: readonly string[] = [
  Odd.unknownFree,
  Odd.unknownRealloc,
  Odd.liveAddress,
  Odd.tooMany,
  Odd.lost,
  Odd.unreadable,
  Odd.truncated,
  Odd.untold,
];

const RANKS: readonly Fidelity[] = ["exact", "partial", "ambiguous", "derived"];

export class Calls {
  readonly builder: TraceBuilder;
  private readonly strict: boolean;
  private readonly live = new LiveAddresses();
  private readonly threads = new Map<number, number>();
  private lastThread = Number.NaN;
  private start = Number.NaN;

  constructor(builder: TraceBuilder, { strict }: Source) {
    this.builder = builder;
    this.strict = strict;
  }

  /** The calls that follow were made so many nanoseconds after some moment. */
  at(time: number): void {
    if (Number.isNaN(this.start)) this.start = time;
    this.builder.details.time = Math.max(0, time - this.start);
  }

  /** They were made by the thread with this number of the system's. */
  by(thread: number): void {
    if (thread === this.lastThread) return;
    this.lastThread = thread;
    let index = this.threads.get(thread);
    if (index === undefined) {
      index = this.builder.threads.push(thread) - 1;
      this.threads.set(thread, index);
    }
    this.builder.details.thread = index;
  }

  /** Address 0 is NULL: the call failed. */
  malloc(address: number, bytes: number): void {
    if (this.fits(address, bytes)) this.born(address, this.builder.allocate(bytes));
  }

  calloc(address: number, count: number, size: number): void {
    const bytes = Math.max(count, size) > MOST_BYTES ? Number.POSITIVE_INFINITY : count * size;
    if (this.fits(address, bytes)) this.born(address, this.builder.callocate(count, size));
  }

  memalign(address: number, align: number, bytes: number): void {
    if (!this.fits(address, bytes)) return;
    let power = 1;
    while (power < align && power < 2 ** 30) power *= 2;
    if (power !== align) this.odd(Odd.alignment);
    this.born(address, this.builder.memalign(power, bytes));
  }

  realloc(old: number, address: number, bytes: number): void {
    this.reallocated(this.leave(old), old, address, bytes);
  }

  /** A realloc begins: `old` may be another block's from here on. Returns its object's id, 0 for none. */
  leave(old: number): number {
    const entry = this.live.find(old);
    const id = this.live.idAt(entry);
    if (id !== 0) this.live.empty(entry);
    return id;
  }

  /** It ends, with what `leave` returned. */
  reallocated(id: number, old: number, address: number, bytes: number): void {
    if (old === 0) this.malloc(address, bytes);
    else if (address === 0 && bytes > 0) {
      this.odd(Odd.failed);
      if (id !== 0) this.live.set(old, id);
    } else if (id === 0) {
      this.odd(Odd.unknownRealloc);
      if (address !== 0) this.malloc(address, bytes);
    } else if (address === 0 || bytes > MOST_BYTES) {
      this.odd(bytes > MOST_BYTES ? Odd.tooMany : Odd.reallocToNone);
      this.end(id);
    } else {
      if (bytes === 0) this.odd(Odd.reallocToNone);
      this.vacate(address);
      this.live.set(address, id);
      this.builder.details.address = address;
      this.builder.reallocate(id, bytes);
    }
  }

  /** Every block ends, with the program that held it. */
  exec(): void {
    const ids = this.live.clear();
    for (const id of ids) this.end(id);
    if (ids.length > 0) this.odd(Odd.exec, ids.length);
  }

  free(address: number): void {
    if (address === 0) {
      this.odd(Odd.freeOfNull);
      return;
    }
    const entry = this.live.find(address);
    const id = this.live.idAt(entry);
    if (id === 0) {
      this.odd(Odd.unknownFree);
      return;
    }
    this.live.empty(entry);
    this.end(id);
  }

  /** Something odd: with `strict` throws TraceError. */
  odd(kind: string, count = 1): void {
    if (this.strict) throw new TraceError(kind);
    this.builder.anomaly(kind, count);
    if (INCOMPLETE.includes(kind)) this.atBest("partial");
  }

  /** The trace is no better than that. */
  atBest(fidelity: Fidelity): void {
    if (RANKS.indexOf(this.builder.fidelity) < RANKS.indexOf(fidelity)) this.builder.fidelity = fidelity;
  }

  /** Whether a call gave a block that an event can tell of; makes room for it. */
  private fits(address: number, bytes: number): boolean {
    if (bytes === 0) this.odd(Odd.noBytes);
    if (address === 0) {
      if (bytes > 0) this.odd(Odd.failed);
      return false;
    }
    this.vacate(address);
    if (bytes > MOST_BYTES) {
      this.odd(Odd.tooMany);
      return false;
    }
    this.builder.details.address = address;
    return true;
  }

  /** If a block is there, the recorder missed its free. */
  private vacate(address: number): void {
    const entry = this.live.find(address);
    const id = this.live.idAt(entry);
    if (id === 0) return;
    this.odd(Odd.liveAddress);
    this.live.empty(entry);
    this.end(id);
  }

  private born(address: number, id: number): void {
    this.live.set(address, id);
  }

  private end(id: number): void {
    const { details } = this.builder;
    const { site } = details;
    details.address = 0;
    details.site = 0;
    this.builder.free(id);
    details.site = site;
  }
}
