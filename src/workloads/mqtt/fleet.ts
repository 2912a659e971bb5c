/** Devices that publish readings and dashboards that watch them: who connects, publishes and leaves, and when. */
import type { Options } from "../../options/options.ts";
import type { TraceBuilder } from "../../traces/builder.ts";
import type { Weighted } from "../random.ts";
import { Random } from "../random.ts";
import { Agenda } from "./agenda.ts";
import { Broker } from "./broker.ts";
import { Client } from "./client.ts";
import { BrokerMemory } from "./memory.ts";
import type { QoS } from "./message.ts";
import type { MQTT_OPTIONS } from "./options.ts";
import type { Encoding } from "./payload.ts";
import { readingLength } from "./payload.ts";
import { announceStatus } from "./system-topics.ts";

const ENCODINGS: Weighted<Encoding> = [
  ["json", 3],
  ["xml", 1],
  ["binary", 1],
];

interface Device {
  readonly client: Client;
  /** `fleet/SITE/DEVICE`, the start of its topics. */
  readonly topic: string;
  readonly encoding: Encoding;
  /** Readings until it leaves. */
  left: number;
}

interface Subscriber {
  readonly client: Client;
  /** Keeps its session and is away in the offline phase. */
  readonly leaves: boolean;
}

export class Fleet {
  readonly broker: Broker;
  readonly #builder: TraceBuilder;
  readonly #options: Options<typeof MQTT_OPTIONS>;
  readonly #random: Random;
  readonly #agenda = new Agenda();
  readonly #devices: Device[] = [];
  readonly #subscribers: Subscriber[] = [];
  /** Readings and snapshots published so far. */
  #published = 0;

  constructor(builder: TraceBuilder, options: Options<typeof MQTT_OPTIONS>, seed: number) {
    this.#builder = builder;
    this.#options = options;
    this.#random = new Random(seed);
    const memory = new BrokerMemory(builder, options.word);
    const network = { memory, agenda: this.#agenda, random: this.#random, socketBuffer: options.buffer };
    this.broker = new Broker(network, { inflight: options.inflight, queue: options.queue });
    const broad = this.#choose(options.broad);
    const leaves = this.#choose(options.offline);
    for (let i = 0; i < options.subscribers; i++)
      this.#subscribers.push(this.#newSubscriber(i, broad.has(i), leaves.has(i)));
    for (let i = 0; i < options.devices; i++) this.#devices.push(this.#newDevice(i));
  }

  /** Everybody connects, within two intervals. */
  connect(): void {
    this.#announce();
    const clients = [...this.#subscribers, ...this.#devices].map(({ client }) => client);
    const { interval } = this.#options;
    for (const client of clients) this.#agenda.at(this.#random.below(2 * interval), () => client.connect());
    this.#agenda.runUntil(2 * interval);
  }

  /** Until `readings` more have been published. */
  publish(readings: number): void {
    const end = this.#published + readings;
    this.#agenda.runWhile(() => this.#published < end);
  }

  /** Those who keep a session go away. */
  goOffline(): void {
    for (const { client, leaves } of this.#subscribers) if (leaves) this.#part(client);
  }

  /** They come back, one after the other; until nothing waits, or as many readings again have gone by. */
  comeBack(): void {
    const returning = this.#random.shuffle(this.#subscribers.filter(({ leaves }) => leaves));
    const start = this.#agenda.now;
    let away = returning.length;
    for (const [i, { client }] of returning.entries())
      this.#agenda.at(start + i * this.#options.interval, () => {
        away--;
        client.connect();
      });
    const end = this.#published + Math.max(1, this.#options.backlog);
    this.#agenda.runWhile(() => away > 0 || (this.broker.totals.queued > 0 && this.#published < end));
  }

  /** So many permille of the subscribers, to the nearest whole one, drawn by lot. */
  #choose(permille: number): Set<number> {
    const numbers = Array.from({ length: this.#options.subscribers }, (_, i) => i);
    return new Set(this.#random.shuffle(numbers).slice(0, Math.round((numbers.length * permille) / 1000)));
  }

  #newSubscriber(i: number, broad: boolean, leaves: boolean): Subscriber {
    const { sites, latency } = this.#options;
    const random = this.#random;
    const site = `fleet/site-${random.below(sites)}`;
    const filters = broad ? ["fleet/#"] : [`${site}/+/reading`, `${site}/+/status`];
    if (i === 0) filters.push("$SYS/broker/#");
    const client = new Client(this.broker, {
      clientId: `dashboard-${i}`,
      clean: !leaves,
      filters,
      qos: leaves ? 2 : 1,
      latency: random.lognormal(latency),
    });
    return { client, leaves };
  }

  #newDevice(i: number): Device {
    const { payload, sites, latency } = this.#options;
    const random = this.#random;
    const clientId = `sensor-${String(i).padStart(4, "0")}`;
    const topic = `fleet/site-${random.below(sites)}/${clientId}`;
    const client = new Client(this.broker, {
      clientId,
      clean: true,
      will: { topic: `${topic}/status`, length: "offline".length, qos: 1, retain: true },
      filters: [`${topic}/command/#`],
      qos: 1,
      latency: random.lognormal(latency),
      accepted: () => this.#arrived(device),
    });
    const encoding = payload === "mixed" ? random.weighted(ENCODINGS) : payload;
    const device: Device = { client, topic, encoding, left: 0 };
    return device;
  }

  #arrived(device: Device): void {
    const { stay } = this.#options;
    device.left = stay > 0 ? 1 + this.#random.exponential(stay) : Infinity;
    device.client.publish({ topic: `${device.topic}/status`, length: "online".length, qos: 1, retain: true });
    this.#planReading(device);
  }

  #planReading(device: Device): void {
    this.#agenda.after(1 + this.#random.exponential(this.#options.interval), () => this.#read(device));
  }

  #read(device: Device): void {
    const { large, largest, fields, commands, interval, retain } = this.#options;
    const random = this.#random;
    const snapshot = random.chance(large);
    device.client.publish({
      topic: `${device.topic}/${snapshot ? "snapshot" : "reading"}`,
      length: snapshot
        ? random.between(Math.ceil(largest / 2), largest)
        : readingLength(random, device.encoding, fields),
      qos: this.#drawQos(),
      retain: random.chance(retain),
    });
    this.#published++;
    if (this.#subscribers.length > 0 && random.chance(commands)) {
      const topic = `${random.pick(this.#devices).topic}/command/set`;
      random
        .pick(this.#subscribers)
        .client.publish({ topic, length: random.between(8, 64), qos: 1, retain: false });
    }
    if (--device.left > 0) this.#planReading(device);
    else {
      this.#part(device.client);
      this.#agenda.after(1 + random.exponential(4 * interval), () => device.client.connect());
    }
  }

  #part(client: Client): void {
    if (this.#random.chance(this.#options.abrupt)) client.vanish();
    else client.leave();
  }

  #drawQos(): QoS {
    const { qos1, qos2 } = this.#options;
    const draw = this.#random.below(1000);
    return draw < qos2 ? 2 : draw < qos2 + qos1 ? 1 : 0;
  }

  #announce(): void {
    const { status } = this.#options;
    if (status === 0) return;
    announceStatus(this.broker, this.#builder);
    this.#agenda.after(status, () => this.#announce());
  }
}
