/** An Application Message in the broker: stored once, shared by every session it is meant for, freed with the last. */
import type { BrokerMemory } from "./memory.ts";

export type QoS = 0 | 1 | 2;

export class ApplicationMessage {
  readonly topic: string;
  /** Bytes of payload. */
  readonly length: number;
  readonly qos: QoS;
  readonly #memory: BrokerMemory;
  readonly #objects: number[];
  #references = 1;

  /** The maker holds it. */
  constructor(memory: BrokerMemory, topic: string, length: number, qos: QoS) {
    this.topic = topic;
    this.length = length;
    this.qos = qos;
    this.#memory = memory;
    this.#objects = [memory.structure("message"), memory.text(topic)];
    if (length > 0) this.#objects.push(memory.buffer(length));
  }

  hold(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references === 0) for (const id of this.#objects.toReversed()) this.#memory.free(id);
  }
}
