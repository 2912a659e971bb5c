/** The other end of a connection: connects, subscribes, publishes, and answers as MQTT 3.1.1 section 4.3 asks. */
import type { Broker, Connect, Publish } from "./broker.ts";
import type { Connection, Receiver } from "./connection.ts";
import type { QoS } from "./message.ts";
import type { Packet } from "./packets.ts";

export interface ClientSettings extends Connect {
  readonly filters: readonly string[];
  /** Asked for with every filter. */
  readonly qos: QoS;
  /** Median milliseconds one way. */
  readonly latency: number;
  /** Called when the broker has accepted the connection. */
  readonly accepted?: () => void;
}

export class Client implements Receiver {
  readonly settings: ClientSettings;
  /** PUBLISH packets that came in, also those sent again. */
  messages = 0;
  readonly #broker: Broker;
  #connection: Connection | undefined;
  #identifier = 0;

  constructor(broker: Broker, settings: ClientSettings) {
    this.#broker = broker;
    this.settings = settings;
  }

  connect(): void {
    this.#connection = this.#broker.connect(this, this.settings, this.settings.latency);
  }

  /** Nothing happens without a connection. */
  publish(publish: Publish): void {
    if (this.#connection?.open) this.#broker.publish(this.#connection, publish, this.#nextIdentifier());
  }

  /** Says so, with DISCONNECT. */
  leave(): void {
    if (this.#connection?.open) this.#broker.disconnect(this.#connection);
  }

  /** Does not: the network or the device fails. */
  vanish(): void {
    if (this.#connection?.open) this.#broker.lose(this.#connection);
  }

  received({ type, identifier, qos, sessionPresent }: Packet): void {
    const broker = this.#broker;
    const connection = this.#connection;
    if (!connection?.open) return;
    switch (type) {
      case "CONNACK":
        if (!sessionPresent && this.settings.filters.length > 0)
          broker.subscribe(connection, this.settings.filters, this.settings.qos, this.#nextIdentifier());
        this.settings.accepted?.();
        break;
      case "PUBLISH":
        this.messages++;
        if (qos) broker.acknowledge(connection, qos === 1 ? "PUBACK" : "PUBREC", identifier);
        break;
      case "PUBREC":
        broker.acknowledge(connection, "PUBREL", identifier);
        break;
      case "PUBREL":
        broker.acknowledge(connection, "PUBCOMP", identifier);
        break;
    }
  }

  #nextIdentifier(): number {
    this.#identifier = (this.#identifier % 65_535) + 1;
    return this.#identifier;
  }
}
