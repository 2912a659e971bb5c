/**
 * Messages on their way to one client and from it (src/database.c): in flight, or queued because the client is away or
 * has too many unacknowledged.
 */
import type { QoS } from "../mqtt/control-packet.ts";
import { type Memory, SIZES, utf8Length } from "./memory.ts";
import type { Message } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import { addProperties, varintLength, wireLength } from "./properties.ts";
import type { Settings } from "./settings.ts";

/** `unsent` goes out at once, `sent` waits for PUBACK or PUBREC, `released` for PUBCOMP. */
type State = "unsent" | "sent" | "released";

interface Delivery {
  readonly message: Message;
  readonly qos: QoS;
  id: number;
  state: State;
  readonly block: number;
  readonly properties: readonly number[];
  readonly propertyBytes: number;
}

/** What the deliveries ask of their client. */
export interface Addressee {
  readonly clientId: string;
  readonly version: number;
  readonly online: boolean;
  readonly outbox: Outbox;
}

export class Deliveries {
  /** Messages at QoS 1 and 2 on their way at once; 0 = any number. A client of version 5 may name its own. */
  maximum: number;
  /** Bytes of the longest packet that the client takes; 0 = any. */
  maximumPacket = 0;
  private readonly memory: Memory;
  private readonly client: Addressee;
  private readonly settings: Settings;
  private inflight: Delivery[] = [];
  private queued: Delivery[] = [];
  private quota: number;
  /** From the client at QoS 2, until PUBREL: by Packet Identifier. */
  private incoming = new Map<number, { readonly message: Message; readonly block: number }>();
  private lastId = 0;

  constructor(memory: Memory, client: Addressee, settings: Settings) {
    this.memory = memory;
    this.client = client;
    this.settings = settings;
    this.maximum = this.quota = settings.max_inflight_messages;
  }

  limit(maximum: number): void {
    this.maximum = this.quota = maximum;
  }

  /**
   * Takes a message for the client, unless it had it through another filter, or is away at QoS 0, or has too many
   * waiting. `marked`: it goes out as a retained one. It is sent by `advance`, or by what is called after each.
   */
  insert(message: Message, qos: QoS, identifier: number, marked: boolean): void {
    const { memory, client, settings } = this;
    const id = qos > 0 ? this.nextId() : 0;
    const properties = identifier > 0 ? [{ name: "subscriptionIdentifier", value: identifier }] : [];
    const added = addProperties(memory, properties);
    const keepsReceivers = settings.allow_duplicate_messages === 0 && !marked;
    const state = this.stateFor(qos);
    if (state === "dropped" || (client.version < 5 && keepsReceivers && message.wasSentTo(client.clientId))) {
      memory.freeAll(added);
      return;
    }
    const delivery: Delivery = {
      message: message.hold(),
      qos,
      id,
      state: "unsent",
      block: memory.calloc("queued", SIZES.queued),
      properties: added,
      propertyBytes: properties.reduce((bytes, each) => bytes + wireLength(each), 0),
    };
    (state === "queued" ? this.queued : this.inflight).push(delivery);
    if (keepsReceivers) message.sentTo(client.clientId);
    if (qos > 0 && this.quota > 0) this.quota--;
  }

  /** After one that has come for the client: it is sent first, then others may follow it into flight. */
  advanceAfterInsert(now: number): void {
    this.sendUnsent(now);
    this.fillFlight();
  }

  /** Sends what may go out: after SUBACK the retained messages, after an acknowledgement what waited. */
  advance(now: number): void {
    this.fillFlight();
    this.sendUnsent(now);
  }

  /**
   * PUBACK or PUBCOMP, or a PUBREC that refuses: the delivery is over, and what waited may go. 2.0.11 counts only the
   * deliveries in front of the one that is over, so that the first one's end lets a whole flight go, whatever else
   * is on its way.
   */
  acknowledged(id: number, now: number): void {
    if (this.quota < this.maximum) this.quota++;
    const at = this.inflight.findIndex((each) => each.id === id && each.qos > 0);
    if (at >= 0) this.end(this.inflight.splice(at, 1)[0]);
    let counted = at >= 0 ? at : this.inflight.length;
    while (this.queued.length > 0 && (this.maximum === 0 || counted++ < this.maximum)) this.dequeue();
    this.sendUnsent(now);
  }

  /** PUBREC: from here on it is PUBREL that is sent, also again. */
  received(id: number): void {
    const delivery = this.inflight.find((each) => each.id === id && each.qos === 2);
    if (delivery) delivery.state = "released";
    this.client.outbox.send("pubrel", 2);
  }

  /** Takes over from a session's connection before this one. */
  takeOver(from: Deliveries): void {
    this.inflight = from.inflight;
    this.queued = from.queued;
    this.incoming = from.incoming;
    this.lastId = from.lastId;
    from.inflight = [];
    from.queued = [];
    from.incoming = new Map();
    this.quota = this.maximum;
    for (const delivery of this.inflight) {
      if (delivery.qos > 0 && this.quota > 0) this.quota--;
      if (delivery.state === "sent") delivery.state = "unsent";
    }
    while (this.queued.length > 0 && (this.maximum === 0 || this.quota > 0)) this.dequeue();
  }

  /** After CONNACK: PUBREL once more for what was released, then all that is unsent. */
  resume(now: number): void {
    this.fillFlight();
    for (const { state } of this.inflight) if (state === "released") this.client.outbox.send("pubrel", 2);
    this.sendUnsent(now);
  }

  /** A QoS 2 message from the client with this Packet Identifier that is not complete. */
  incomplete(id: number): Message | undefined {
    return this.incoming.get(id)?.message;
  }

  get incomingCount(): number {
    return this.incoming.size;
  }

  receive(message: Message): void {
    const block = this.memory.calloc("queued", SIZES.queued);
    this.incoming.set(message.sourceId, { message: message.hold(), block });
  }

  /** Forgets the QoS 2 message, after `use` if that is given. */
  complete(id: number, use: (message: Message) => void = () => {}): void {
    const found = this.incoming.get(id);
    if (!found) return;
    use(found.message);
    this.incoming.delete(id);
    found.message.release();
    this.memory.free(found.block);
  }

  free(): void {
    for (const id of [...this.incoming.keys()]) this.complete(id);
    for (const delivery of [...this.inflight, ...this.queued]) this.end(delivery);
    this.inflight = [];
    this.queued = [];
  }

  private stateFor(qos: QoS): "inflight" | "queued" | "dropped" {
    const { client, settings } = this;
    const most = settings.max_queued_messages;
    if (client.online) {
      if (qos === 0) return most === 0 || client.outbox.waiting < most ? "inflight" : "dropped";
      if (this.maximum === 0 || this.quota > 0) return "inflight";
    } else if (qos === 0 && settings.queue_qos0_messages === 0) return "dropped";
    const flying = client.online ? this.maximum : 0;
    const held = this.inflight.length + this.queued.length;
    return most === 0 || held - flying < most ? "queued" : "dropped";
  }

  private fillFlight(): void {
    while (this.queued.length > 0 && (this.maximum === 0 || this.quota > 0)) this.dequeue();
  }

  private dequeue(): void {
    const delivery = this.queued.shift();
    if (!delivery) return;
    this.inflight.push(delivery);
    if (this.quota > 0) this.quota--;
  }

  private sendUnsent(now: number): void {
    if (!this.client.online || this.client.version === 0) return;
    // What is unsent stands behind all that was sent, but after a connection anew.
    let at = this.inflight.length;
    while (at > 0 && this.inflight[at - 1].state === "unsent") at--;
    const gone = new Set<Delivery>();
    for (; at < this.inflight.length; at++)
      if (this.sendOne(this.inflight[at], now)) gone.add(this.inflight[at]);
    if (gone.size === 0) return;
    this.inflight = this.inflight.filter((each) => !gone.has(each));
    for (const delivery of gone) this.end(delivery);
  }

  /** True when that ends it: at QoS 0, expired, or longer than the client takes. */
  private sendOne(delivery: Delivery, now: number): boolean {
    const { message, qos, propertyBytes } = delivery;
    if (now > message.expires) {
      if (qos > 0 && this.quota < this.maximum) this.quota++;
      return true;
    }
    let length = 2 + utf8Length(message.topic) + message.payload + (qos > 0 ? 2 : 0);
    if (this.client.version === 5) {
      const expiry = message.expires < Number.POSITIVE_INFINITY ? 5 : 0;
      const bytes = propertyBytes + message.propertyBytes + expiry;
      length += varintLength(bytes) + bytes;
    }
    if (this.maximumPacket > 0 && length + varintLength(length) > this.maximumPacket) return true;
    this.client.outbox.send("publish", length);
    delivery.state = "sent";
    return qos === 0;
  }

  private end(delivery: Delivery): void {
    delivery.message.release();
    this.memory.freeAll(delivery.properties);
    this.memory.free(delivery.block);
  }

  private nextId(): number {
    this.lastId = (this.lastId % 65_535) + 1;
    return this.lastId;
  }
}
