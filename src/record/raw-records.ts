/**
 * From the records of preload.c to the events of a trace. An object is known by its address while it lives; what a
 * program may do and a trace cannot say is counted, never lost: `calls` is the events and what `left` counts.
 */
import type { TraceBuilder } from "../traces/builder.ts";
import { MOST_BYTES } from "../traces/trace.ts";
import { CodeMap } from "./code-map.ts";
import { Field, Kind, RECORD_WORDS, TEXT_BYTES } from "./raw-layout.ts";

/** The object of a request that a trace cannot hold: its calls are left out. */
const TOO_LARGE = -1;
/** Largest alignment of a trace. */
const MOST_ALIGN = 2 ** 30;

export class RawRecords {
  /** Calls of malloc and its family that were read. */
  calls = 0;
  /** Those of them that are no event. */
  left = 0;
  /** Processes that were forked off and left out. */
  readonly children = new Set<number>();

  private readonly builder: TraceBuilder;
  private readonly code = new CodeMap();
  /** Ids of the live objects by address. */
  private readonly live = new Map<number, number>();
  /** Of each thread that is in realloc, the object and its old address. */
  private readonly moving = new Map<number, { readonly id: number | undefined; readonly from: number }>();
  /** Numbers in the trace of this image's threads. */
  private threads: number[] = [];
  /** Threads of the images before. */
  private threadsBefore = 0;
  /** Call sites by return address. */
  private readonly sites = new Map<number, number>();
  /** The program has been started. */
  private begun = false;
  /** Nanoseconds on the clock of the records; NaN before the first event. */
  private start = Number.NaN;

  constructor(builder: TraceBuilder) {
    this.builder = builder;
    builder.records("time", "thread", "address", "site");
  }

  /**
   * Takes records from the start of `words`, which has `count` of them, and says how many. It stops at one that is not
   * there yet, and at a text that goes on beyond the end.
   */
  read(words: Uint32Array, count: number): number {
    for (let i = 0; i < count; ) {
      const at = i * RECORD_WORDS;
      const kind = words[at + 1] >>> 24;
      if (kind === Kind.none) return i;
      let pieces = 0;
      if (kind === Kind.image || kind === Kind.module) {
        pieces = Math.ceil(words[at + Field.argument] / TEXT_BYTES);
        if (i + pieces >= count) return i;
      }
      this.take(kind, words, at);
      i += 1 + pieces;
    }
    return count;
  }

  /** The events from here on belong to it. */
  phase(name: string, detail = ""): void {
    this.builder.phase(name, detail);
  }

  private take(kind: number, words: Uint32Array, at: number): void {
    const wide = (field: number): number => words[at + field] + words[at + field + 1] * 2 ** 32;
    const address = words[at] + (words[at + 1] & 0xffffff) * 2 ** 32;
    const argument = words[at + Field.argument];
    switch (kind) {
      case Kind.image:
        this.image(textOf(words, at, argument));
        return;
      case Kind.thread:
        this.threads[words[at + Field.thread]] = this.thread(argument);
        return;
      case Kind.module:
        this.module(address, wide(Field.bytes), wide(Field.site), textOf(words, at, argument));
        return;
      case Kind.child:
        this.children.add(argument);
        return;
      case Kind.text:
        return; // of a record that was cut off
    }
    const thread = words[at + Field.thread];
    if (kind === Kind.reallocFrom) {
      this.moving.set(thread, { id: this.live.get(address), from: address });
      this.live.delete(address);
      return;
    }
    const bytes = wide(Field.bytes);
    if (kind === Kind.free) this.detail(wide(Field.time), thread, 0, 0);
    else this.detail(wide(Field.time), thread, address, wide(Field.site));
    this.calls++;
    const before = this.builder.events;
    if (kind === Kind.free) this.free(address);
    else if (kind === Kind.reallocTo) this.reallocate(address, bytes, thread);
    else this.born(kind, address, bytes, argument);
    if (this.builder.events === before) this.left++;
  }

  /** exec keeps the thread that asks for it; otherwise a number of the system's may come again for another thread. */
  private thread(number: number): number {
    const { threads } = this.builder;
    const before = threads.indexOf(number);
    return before >= 0 && before < this.threadsBefore ? before : threads.push(number) - 1;
  }

  /** What the next event is told with. */
  private detail(time: number, thread: number, address: number, returnAddress: number): void {
    const { details } = this.builder;
    if (Number.isNaN(this.start)) this.start = time;
    details.time = time - this.start;
    details.thread = this.threads[thread] ?? 0;
    details.address = address;
    details.site = returnAddress === 0 ? 0 : this.site(returnAddress);
  }

  private site(returnAddress: number): number {
    const known = this.sites.get(returnAddress);
    if (known !== undefined) return known;
    const frame = this.code.frame(returnAddress);
    const site = this.builder.sites.of(frame ?? `0x${returnAddress.toString(16)}`);
    // Its module may be told of a moment later.
    if (frame !== undefined) this.sites.set(returnAddress, site);
    return site;
  }

  private born(kind: number, address: number, bytes: number, argument: number): void {
    const builder = this.builder;
    if (bytes === 0 || (kind === Kind.calloc && argument === 0)) builder.anomaly("request of 0 bytes");
    if (address === 0) {
      builder.anomaly("failed call");
      return;
    }
    const before = this.live.get(address);
    if (before !== undefined) {
      this.missed("allocation at a live address");
      if (before !== TOO_LARGE) this.end(before);
    }
    const total = kind === Kind.calloc ? bytes * argument : bytes;
    if (total > MOST_BYTES || bytes > MOST_BYTES || argument > MOST_BYTES) {
      this.missed(`request of more than ${MOST_BYTES} bytes`);
      this.live.set(address, TOO_LARGE);
      return;
    }
    const id =
      kind === Kind.calloc
        ? builder.callocate(argument, bytes)
        : kind === Kind.memalign
          ? builder.memalign(alignOf(argument), bytes)
          : builder.allocate(bytes);
    this.live.set(address, id);
  }

  private free(address: number): void {
    const id = this.live.get(address);
    this.live.delete(address);
    if (address === 0) this.builder.anomaly("free of NULL");
    else if (id === undefined) this.missed("free of an unknown block");
    else if (id !== TOO_LARGE) this.builder.free(id);
  }

  private reallocate(address: number, bytes: number, thread: number): void {
    const builder = this.builder;
    const { id, from } = this.moving.get(thread) ?? { id: undefined, from: 0 };
    this.moving.delete(thread);
    if (from !== 0 && id === undefined) this.missed("realloc of an unknown block");
    const held = id !== undefined && id !== TOO_LARGE;
    if (bytes === 0 && from !== 0) builder.anomaly("realloc to 0 bytes");
    if (address === 0 && bytes === 0 && from !== 0) {
      if (held) this.end(id);
    } else if (address === 0) {
      builder.anomaly("failed call");
      if (id !== undefined) this.live.set(from, id);
    } else if (held && bytes <= MOST_BYTES) {
      builder.reallocate(id, bytes);
      this.live.set(address, id);
    } else {
      if (held) this.end(id);
      this.born(Kind.malloc, address, bytes, 0);
    }
  }

  /** An anomaly after which the events are not all that the program did. */
  private missed(kind: string): void {
    this.builder.anomaly(kind);
    this.builder.fidelity = "partial";
  }

  /** A free that is no call of its own; the details are of another event, or of none. */
  private end(id: number): void {
    const { details } = this.builder;
    const { address, site } = details;
    details.address = 0;
    details.site = 0;
    this.builder.free(id);
    details.address = address;
    details.site = site;
  }

  /** After exec nothing is left of the heap. */
  private image(path: string): void {
    const first = !this.begun;
    this.begun = true;
    this.moving.clear();
    this.threads = [];
    this.threadsBefore = this.builder.threads.length;
    this.code.clear();
    this.sites.clear();
    if (first) return;
    const left = [...this.live.values()].filter((id) => id !== TOO_LARGE);
    for (const id of left) this.end(id);
    this.live.clear();
    if (left.length > 0) this.builder.anomaly("block that ended with exec", left.length);
    this.builder.phase("exec", path);
  }

  private module(start: number, length: number, offset: number, path: string): void {
    this.code.add(start, length, offset, path);
    for (const returnAddress of this.sites.keys())
      if (returnAddress > start && returnAddress <= start + length) this.sites.delete(returnAddress);
  }
}

/** What memalign makes of it: the next power of two. */
function alignOf(argument: number): number {
  return argument <= 1 ? 1 : Math.min(MOST_ALIGN, 2 ** (32 - Math.clz32(argument - 1)));
}

/** Each record behind the one at word `at` has 32 bytes of it. */
function textOf(words: Uint32Array, at: number, length: number): string {
  const bytes = new Uint8Array(length);
  for (let from = 0; from < length; from += TEXT_BYTES) {
    const word = at + RECORD_WORDS * (1 + from / TEXT_BYTES) + Field.bytes;
    const piece = new Uint8Array(words.buffer, words.byteOffset + 4 * word, TEXT_BYTES);
    bytes.set(piece.subarray(0, length - from), from);
  }
  return new TextDecoder().decode(bytes);
}
