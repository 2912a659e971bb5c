/** The records of preload.c, read as calls of the program and as what is to be known of its threads and its code. */
import type { TraceBuilder } from "../traces/builder.ts";
import { Calls } from "../traces/recorders/calls.ts";
import { CodeMap } from "./code-map.ts";
import { Field, Kind, RECORD_WORDS, TEXT_BYTES } from "./raw-layout.ts";

export class RawRecords {
  /** Calls of malloc and its family that were read. */
  count = 0;
  /** Those of them that are no event, of free(NULL) and what failed: each is counted as an anomaly. */
  left = 0;
  /** Processes that were forked off and left out. */
  readonly children = new Set<number>();

  private readonly builder: TraceBuilder;
  private readonly code = new CodeMap();
  private readonly calls: Calls;
  /** Of each thread that is in realloc, the object's id and its old address. */
  private readonly moving = new Map<number, { readonly id: number; readonly old: number }>();
  /** Numbers in the trace of this image's threads. */
  private threads: number[] = [];
  /** Threads of the images before. */
  private threadsBefore = 0;
  /** Call sites by return address. */
  private readonly sites = new Map<number, number>();
  /** The program has been started. */
  private begun = false;

  constructor(builder: TraceBuilder) {
    this.builder = builder;
    this.calls = new Calls(builder, { file: builder.name, strict: false });
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
    const { calls, builder } = this;
    if (kind === Kind.reallocFrom) {
      this.moving.set(thread, { id: calls.leave(address), old: address });
      return;
    }
    const bytes = wide(Field.bytes);
    const before = builder.events;
    calls.at(wide(Field.time));
    builder.details.thread = this.threads[thread] ?? 0;
    if (kind !== Kind.free) builder.details.site = this.site(wide(Field.site));
    this.count++;
    if (kind === Kind.malloc) calls.malloc(address, bytes);
    else if (kind === Kind.free) calls.free(address);
    else if (kind === Kind.calloc) calls.calloc(address, argument, bytes);
    else if (kind === Kind.memalign) calls.memalign(address, argument, bytes);
    else {
      const { id, old } = this.moving.get(thread) ?? { id: 0, old: 0 };
      this.moving.delete(thread);
      calls.reallocated(id, old, address, bytes);
    }
    if (builder.events === before) this.left++;
  }

  /** exec keeps the thread that asks for it; otherwise a number of the system's may come again for another thread. */
  private thread(number: number): number {
    const { threads } = this.builder;
    const before = threads.indexOf(number);
    return before >= 0 && before < this.threadsBefore ? before : threads.push(number) - 1;
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
    this.calls.exec();
    this.builder.phase("exec", path);
  }

  private module(start: number, length: number, offset: number, path: string): void {
    this.code.add(start, length, offset, path);
    for (const returnAddress of this.sites.keys())
      if (returnAddress > start && returnAddress <= start + length) this.sites.delete(returnAddress);
  }
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
