/**
 * A Network Connection (MQTT 3.1.1 section 4.2): a structure, a socket buffer, packets that wait to be written.
 *
 * A packet that comes in lives in a buffer of its Remaining Length while it is handled; one that goes out lives,
 * with its fixed header (section 2.2), until the network has taken it. Both directions keep their order.
 */
import type { Random } from "../random.ts";
import type { Agenda } from "./agenda.ts";
import type { BrokerMemory } from "./memory.ts";
import type { Packet } from "./packets.ts";
import { packetLength } from "./packets.ts";

/** The other end. */
export interface Receiver {
  received(packet: Packet): void;
}

export interface Network {
  readonly memory: BrokerMemory;
  readonly agenda: Agenda;
  readonly random: Random;
  /** Bytes of the buffer that each connection has for its socket; 0 = none. */
  readonly socketBuffer: number;
}

export class Connection {
  open = true;
  readonly #network: Network;
  readonly #receiver: Receiver;
  readonly #latency: number;
  readonly #objects: number[];
  /** Structure and buffer of the packets that are not yet written, oldest first. */
  readonly #unwritten: [structure: number, buffer: number][] = [];
  #writtenAt = 0;
  #arrivesAt = 0;

  /** `latency`: median milliseconds one way. */
  constructor(network: Network, receiver: Receiver, latency: number) {
    this.#network = network;
    this.#receiver = receiver;
    this.#latency = latency;
    this.#objects = [network.memory.structure("connection")];
    if (network.socketBuffer > 0) this.#objects.push(network.memory.buffer(network.socketBuffer));
  }

  /** Sends a packet of this Remaining Length to the client. */
  send(packet: Packet, remaining: number): void {
    const { memory, agenda, random } = this.#network;
    this.#unwritten.push([memory.structure("packet"), memory.buffer(packetLength(remaining))]);
    this.#writtenAt = Math.max(this.#writtenAt, agenda.now + random.lognormal(this.#latency));
    agenda.at(this.#writtenAt, () => {
      if (!this.open) return;
      this.#freeOldest();
      this.#receiver.received(packet);
    });
  }

  /** A packet of this Remaining Length arrives from the client after a while, unless the connection is closed. */
  arrive(remaining: number, handle: () => void): void {
    const { memory, agenda, random } = this.#network;
    this.#arrivesAt = Math.max(this.#arrivesAt, agenda.now + random.lognormal(this.#latency));
    agenda.at(this.#arrivesAt, () => {
      if (!this.open) return;
      const buffer = remaining > 0 ? memory.buffer(remaining) : 0;
      handle();
      if (buffer > 0) memory.free(buffer);
    });
  }

  close(): void {
    this.open = false;
    while (this.#unwritten.length > 0) this.#freeOldest();
    for (const id of this.#objects.toReversed()) this.#network.memory.free(id);
  }

  #freeOldest(): void {
    const packet = this.#unwritten.shift();
    if (!packet) return;
    this.#network.memory.free(packet[1]);
    this.#network.memory.free(packet[0]);
  }
}
