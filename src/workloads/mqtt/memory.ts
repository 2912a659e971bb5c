/** The broker's allocation sites: structures, texts, buffers and tables, as a program in C asks for them. */
import type { TraceBuilder } from "../../traces/builder.ts";

/** Sizes of the structures in machine words; what is not a pointer fills whole words too. */
export const WORDS = {
  /** Socket, addresses, timers, links to session and packets, state of the packet being read. */
  connection: 24,
  /** Identifier, flags, heads of the queues, table of subscriptions, counters. */
  session: 16,
  /** One filter of one session in the tree: session, QoS, next. */
  subscription: 3,
  /** One level of a topic: text, parent, first child, next sibling, subscriptions, retained message. */
  topicNode: 6,
  /** Topic, payload, its length, QoS and flags, references, time of arrival. */
  message: 7,
  /** One message on its way to one session: message, packet identifier and QoS, state, next, previous. */
  delivery: 5,
  /** Packet to be written: buffer, length, position, next. */
  packet: 4,
  /** Packet identifier of a QoS 2 message that came in, until PUBREL: identifier, next. */
  received: 2,
} as const;

export class BrokerMemory {
  readonly builder: TraceBuilder;
  readonly word: number;

  /** `word` is 4 or 8 bytes. */
  constructor(builder: TraceBuilder, word: number) {
    this.builder = builder;
    this.word = word;
  }

  structure(kind: keyof typeof WORDS): number {
    return this.builder.allocate(WORDS[kind] * this.word);
  }

  /** A copy that ends in a zero byte; topics and identifiers here are ASCII. */
  text(text: string): number {
    return this.builder.allocate(text.length + 1);
  }

  buffer(bytes: number): number {
    return this.builder.allocate(bytes);
  }

  /** Zeroed pointers. */
  table(pointers: number): number {
    return this.builder.callocate(pointers, this.word);
  }

  resizeTable(table: number, pointers: number): void {
    this.builder.reallocate(table, pointers * this.word);
  }

  free(id: number): void {
    this.builder.free(id);
  }
}
