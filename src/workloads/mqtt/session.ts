/**
 * Session state (MQTT 3.1.1 section 3.1.2.4): subscriptions, messages on their way at QoS 1 and 2, messages that
 * wait for the client to come back, and Packet Identifiers of QoS 2 messages that came in.
 */
import type { Connection } from "./connection.ts";
import type { BrokerMemory } from "./memory.ts";
import type { ApplicationMessage, QoS } from "./message.ts";
import { publishRemaining } from "./packets.ts";

/** One message on its way to this session; `released` after PUBREC (figure 4.3). */
interface Delivery {
  readonly structure: number;
  readonly message: ApplicationMessage;
  readonly qos: QoS;
  identifier: number;
  released: boolean;
}

export interface SessionLimits {
  /** Messages sent and not yet acknowledged (MQTT 5.0 section 3.1.2.11.3, Receive Maximum). */
  readonly inflight: number;
  /** Messages that wait; what comes beyond is dropped. */
  readonly queue: number;
}

/** Counts over all sessions of a broker. */
export interface SessionTotals {
  /** Messages that wait to be sent. */
  queued: number;
  dropped: number;
}

export class Session {
  readonly clientId: string;
  /** Ends with its connection: Clean Session 1 (section 3.1.2.4). */
  readonly clean: boolean;
  readonly filters: string[] = [];
  connection: Connection | undefined;
  readonly #memory: BrokerMemory;
  readonly #limits: SessionLimits;
  readonly #totals: SessionTotals;
  readonly #structure: number;
  readonly #text: number;
  /** Pointers to the subscriptions; grows by one with each. */
  #table = 0;
  readonly #queue: Delivery[] = [];
  readonly #inflight = new Map<number, Delivery>();
  readonly #received = new Map<number, number>();
  #lastIdentifier = 0;

  constructor(
    memory: BrokerMemory,
    limits: SessionLimits,
    totals: SessionTotals,
    clientId: string,
    clean: boolean,
  ) {
    this.#memory = memory;
    this.#limits = limits;
    this.#totals = totals;
    this.clientId = clientId;
    this.clean = clean;
    this.#structure = memory.structure("session");
    this.#text = memory.text(clientId);
  }

  /** Messages that wait to be sent. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Messages sent and not yet acknowledged. */
  get inflight(): number {
    return this.#inflight.size;
  }

  /** True when the filter is new to this session. */
  addFilter(filter: string): boolean {
    if (this.filters.includes(filter)) return false;
    this.filters.push(filter);
    if (this.#table === 0) this.#table = this.#memory.table(1);
    else this.#memory.resizeTable(this.#table, this.filters.length);
    return true;
  }

  deliver(message: ApplicationMessage, qos: QoS): void {
    if (qos === 0) {
      this.connection?.send({ type: "PUBLISH", identifier: 0 }, publishRemaining(message, 0));
    } else if (this.#queue.length >= this.#limits.queue) {
      this.#totals.dropped++;
    } else {
      const structure = this.#memory.structure("delivery");
      this.#queue.push({ structure, message: message.hold(), qos, identifier: 0, released: false });
      this.#totals.queued++;
      this.#advance();
    }
  }

  /** The client is back: what was in flight is sent again [MQTT-4.4.0-1], then what waited. */
  resume(connection: Connection): void {
    this.connection = connection;
    for (const delivery of this.#inflight.values()) this.#send(connection, delivery);
    this.#advance();
  }

  /** PUBACK, PUBCOMP. */
  acknowledged(identifier: number): void {
    const delivery = this.#inflight.get(identifier);
    if (!delivery) return;
    this.#inflight.delete(identifier);
    this.#forget(delivery);
    this.#advance();
  }

  /** PUBREC: from here on PUBREL is what is sent, also again. */
  released(identifier: number): void {
    const delivery = this.#inflight.get(identifier);
    if (!delivery) return;
    delivery.released = true;
    this.connection?.send({ type: "PUBREL", identifier }, 2);
  }

  /** A QoS 2 PUBLISH came in: true when its Packet Identifier is new (method B of figure 4.3). */
  receive(identifier: number): boolean {
    if (this.#received.has(identifier)) return false;
    this.#received.set(identifier, this.#memory.structure("received"));
    return true;
  }

  /** Its PUBREL came in. */
  complete(identifier: number): void {
    const structure = this.#received.get(identifier);
    if (structure === undefined) return;
    this.#received.delete(identifier);
    this.#memory.free(structure);
  }

  /** Frees everything; the broker has removed the subscriptions from the tree. */
  end(): void {
    this.#totals.queued -= this.#queue.length;
    for (const delivery of [...this.#inflight.values(), ...this.#queue]) this.#forget(delivery);
    for (const identifier of [...this.#received.keys()]) this.complete(identifier);
    if (this.#table > 0) this.#memory.free(this.#table);
    this.#memory.free(this.#text);
    this.#memory.free(this.#structure);
  }

  #advance(): void {
    const connection = this.connection;
    while (connection && this.#inflight.size < this.#limits.inflight) {
      const delivery = this.#queue.shift();
      if (!delivery) return;
      this.#totals.queued--;
      delivery.identifier = this.#nextIdentifier();
      this.#inflight.set(delivery.identifier, delivery);
      this.#send(connection, delivery);
    }
  }

  #send(connection: Connection, { message, qos, identifier, released }: Delivery): void {
    if (released) connection.send({ type: "PUBREL", identifier }, 2);
    else connection.send({ type: "PUBLISH", identifier, qos }, publishRemaining(message, qos));
  }

  #forget(delivery: Delivery): void {
    this.#memory.free(delivery.structure);
    delivery.message.release();
  }

  /** 1 .. 65535, one that is not in use [MQTT-2.3.1-4]. */
  #nextIdentifier(): number {
    do this.#lastIdentifier = (this.#lastIdentifier % 65_535) + 1;
    while (this.#inflight.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }
}
