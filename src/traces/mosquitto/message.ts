/** A message in the store (src/database.c): held by each delivery of it and by the topic that retains it. */
import type { Property, QoS } from "../mqtt/control-packet.ts";
import { type Memory, SIZES } from "./memory.ts";
import { KEPT_WITH_MESSAGE, readProperties, wireLength } from "./properties.ts";

export interface MessageFields {
  readonly topic: string;
  /** Bytes. */
  readonly payload: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: readonly Property[];
}

export class Message {
  readonly topic: string;
  readonly payload: number;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Of those properties that travel with it, on the wire. */
  readonly propertyBytes: number;
  /** Seconds of the broker's clock; Infinity without an expiry interval. */
  expires = Number.POSITIVE_INFINITY;
  /** Packet Identifier that its publisher gave it. */
  sourceId = 0;
  private readonly memory: Memory;
  private readonly structure: number;
  private readonly topicText: number;
  private readonly properties: readonly number[];
  private readonly payloadBytes: number;
  private source: number[] = [];
  private readonly receivers = new Set<string>();
  private readonly receiverTexts: number[] = [];
  private receiverList = 0;
  private holds = 0;

  /** As a PUBLISH makes it, or with `own` the broker itself: a will, or a topic under $SYS. */
  constructor(memory: Memory, fields: MessageFields, own = false) {
    const { topic, payload, qos, retain, properties } = fields;
    this.memory = memory;
    this.topic = topic;
    this.payload = payload;
    this.qos = qos;
    this.retain = retain;
    const kept = properties.filter(({ name }) => KEPT_WITH_MESSAGE.has(name));
    this.propertyBytes = kept.reduce((bytes, property) => bytes + wireLength(property), 0);
    this.structure = memory.calloc(own ? "ownMessage" : "stored", SIZES.stored);
    this.topicText = memory.text(own ? "ownMessage" : "topic", topic);
    this.properties = own ? [] : readProperties(memory, properties, (name) => KEPT_WITH_MESSAGE.has(name));
    this.payloadBytes = payload > 0 || own ? memory.malloc(own ? "ownMessage" : "payload", payload + 1) : 0;
  }

  /** From whom it is: identifier, and bytes of the user's name. */
  store(client: string, username: number | undefined): void {
    this.source = [this.memory.text("source", client)];
    if (username !== undefined && username > 0) this.source.push(this.memory.malloc("source", username + 1));
  }

  /** Whether it can be the same message once more. */
  equals({ topic, payload, qos }: Message): boolean {
    return this.topic === topic && this.payload === payload && this.qos === qos;
  }

  wasSentTo(client: string): boolean {
    return this.receivers.has(client);
  }

  /** Notes that the client got it, so that an overlapping filter does not bring it again. */
  sentTo(client: string): void {
    const { memory, receiverTexts } = this;
    const pointers = receiverTexts.length + 1;
    this.receiverList = memory.realloc("receivers", this.receiverList, pointers * SIZES.pointer);
    receiverTexts.push(memory.text("receivers", client));
    this.receivers.add(client);
  }

  hold(): this {
    this.holds++;
    return this;
  }

  release(): void {
    if (--this.holds <= 0) this.free();
  }

  /** Of a message that nobody holds. */
  free(): void {
    const { memory } = this;
    memory.freeAll(this.source);
    memory.freeAll(this.receiverTexts);
    memory.freeAll([
      this.receiverList,
      this.topicText,
      ...this.properties,
      this.payloadBytes,
      this.structure,
    ]);
  }
}
