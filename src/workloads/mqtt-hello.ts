/** The smallest load of a broker: one publisher says hello to one subscriber on /test/topic; mqtt/broker.ts is the broker. */
import { defineWorkload } from "./contract.ts";
import { Agenda } from "./mqtt/agenda.ts";
import { Broker } from "./mqtt/broker.ts";
import { Client } from "./mqtt/client.ts";
import { BrokerMemory } from "./mqtt/memory.ts";
import type { QoS } from "./mqtt/message.ts";
import { announceStatus } from "./mqtt/system-topics.ts";
import { Random } from "./random.ts";

const TOPIC = "/test/topic";
const LATENCY_MS = 5;

export const mqttHello = defineWorkload({
  name: "mqtt-hello",
  summary: "A publisher sends a few messages, a second apart, to whoever subscribed to /test/topic.",
  source:
    "`mosquitto_sub -t /test/topic` and `mosquitto_pub -l`: the load `blog` that was recorded from Mosquitto 2.0.11",
  options: {
    messages: {
      type: "integer",
      default: 3,
      min: 0,
      max: 100_000,
      about: "messages: `Message number 1` and so on",
    },
    subscribers: {
      type: "integer",
      default: 1,
      min: 0,
      max: 1000,
      about: "clients subscribed to /test/topic",
    },
    qos: {
      type: "integer",
      default: 0,
      min: 0,
      max: 2,
      about: "quality of service of messages and subscriptions",
    },
    interval: {
      type: "integer",
      default: 1000,
      min: 1,
      max: 60_000,
      unit: "ms",
      about: "time between two messages",
    },
    buffer: {
      type: "integer",
      default: 256,
      min: 0,
      max: 65_536,
      unit: "bytes",
      about: "socket buffer of a connection",
    },
    word: {
      type: "integer",
      default: 4,
      min: 4,
      max: 8,
      powerOfTwo: true,
      unit: "bytes",
      about: "size of a pointer",
    },
    shutdown: { type: "flag", default: true, about: "the broker shuts down at the end and frees everything" },
  },
  generate(builder, options, seed) {
    const agenda = new Agenda();
    const memory = new BrokerMemory(builder, options.word);
    const qos = options.qos as QoS;
    builder.phase("start");
    const network = { memory, agenda, random: new Random(seed), socketBuffer: options.buffer };
    const broker = new Broker(network, { inflight: 20, queue: 1000 });
    announceStatus(broker, builder);

    builder.phase("subscribe");
    const settings = { clean: true, qos, latency: LATENCY_MS };
    for (let i = 1; i <= options.subscribers; i++)
      new Client(broker, { ...settings, clientId: `subscriber-${i}`, filters: [TOPIC] }).connect();
    agenda.runUntil(1000);

    builder.phase("publish");
    const publisher = new Client(broker, { ...settings, clientId: "publisher-1", filters: [] });
    publisher.connect();
    for (let i = 1; i <= options.messages; i++) {
      agenda.runUntil(1000 + i * options.interval);
      publisher.publish({ topic: TOPIC, length: `Message number ${i}`.length, qos, retain: false });
    }
    agenda.runUntil(agenda.now + 1000);
    publisher.leave();
    agenda.runUntil(agenda.now + 1000);

    if (!options.shutdown) return;
    builder.phase("shutdown");
    broker.shutDown();
  },
});
