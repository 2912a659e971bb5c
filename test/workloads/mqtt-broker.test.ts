import { expect, test } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Agenda } from "../../src/workloads/mqtt/agenda.ts";
import type { Publish } from "../../src/workloads/mqtt/broker.ts";
import { Broker } from "../../src/workloads/mqtt/broker.ts";
import type { ClientSettings } from "../../src/workloads/mqtt/client.ts";
import { Client } from "../../src/workloads/mqtt/client.ts";
import { BrokerMemory } from "../../src/workloads/mqtt/memory.ts";
import type { QoS } from "../../src/workloads/mqtt/message.ts";
import { Random } from "../../src/workloads/random.ts";

/** A broker, and clients that need a millisecond or two for everything. */
function makeBroker(limits = { inflight: 10, queue: 100 }) {
  const builder = new TraceBuilder("broker");
  const agenda = new Agenda();
  const network = { memory: new BrokerMemory(builder, 4), agenda, random: new Random(1), socketBuffer: 64 };
  const broker = new Broker(network, limits);
  const settle = () => agenda.runWhile(() => true);
  const join = (clientId: string, more: Partial<ClientSettings> = {}): Client => {
    const client = new Client(broker, { clientId, clean: true, filters: [], qos: 2, latency: 1, ...more });
    client.connect();
    settle();
    return client;
  };
  const session = (clientId: string) => [...broker.sessions].find((each) => each.clientId === clientId);
  return { builder, broker, settle, join, session };
}

const message = (topic: string, more: Partial<Publish> = {}): Publish => ({
  topic,
  length: 20,
  qos: 0,
  retain: false,
  ...more,
});

test.each([0, 1, 2] as const)(
  "a message at QoS %i reaches every matching subscriber once and leaves nothing behind",
  (qos) => {
    const { builder, settle, join } = makeBroker();
    const subscribers = [["a/+"], ["a/#", "a/b"], ["#"], ["c"]].map((filters, i) =>
      join(`s${i}`, { filters }),
    );
    const publisher = join("p");
    const { liveBytes, liveObjects } = builder;
    publisher.publish(message("a/b", { qos }));
    settle();
    expect(subscribers.map(({ messages }) => messages)).toEqual([1, 1, 1, 0]);
    expect(builder.liveBytes).toBe(liveBytes);
    expect(builder.liveObjects).toBe(liveObjects);
  },
);

test("one copy of the payload serves all subscribers, each has its own packet", () => {
  const sizes = (subscribers: number): number => {
    const { builder, broker, settle, join } = makeBroker();
    for (let i = 0; i < subscribers; i++) join(`s${i}`, { filters: ["a"] });
    const publisher = join("p");
    const before = builder.events;
    publisher.publish(message("a", { length: 1000 }));
    settle();
    broker.shutDown();
    return builder
      .finish()
      .chunks[0].bytes.slice(before)
      .filter((bytes) => bytes >= 1000).length;
  };
  // The packet that came in, the message's payload, and one packet for each subscriber.
  expect(sizes(0)).toBe(2);
  expect(sizes(5)).toBe(7);
});

test("a session that persists queues QoS 1 and 2 while its client is away, and drains when it is back", () => {
  const { builder, broker, settle, join, session } = makeBroker();
  const away = join("away", { clean: false, filters: ["a/#"] });
  const publisher = join("p");
  const { liveBytes } = builder;
  away.leave();
  settle();
  for (let i = 0; i < 30; i++) publisher.publish(message("a/b", { qos: (i % 3) as QoS }));
  settle();
  expect(broker.totals.queued).toBe(20);
  expect(away.messages).toBe(0);
  away.connect();
  settle();
  expect(broker.totals.queued).toBe(0);
  expect(session("away")?.inflight).toBe(0);
  expect(away.messages).toBe(20);
  expect(builder.liveBytes).toBe(liveBytes);
});

test("beyond the queue's limit messages are dropped, and counted", () => {
  const { broker, settle, join } = makeBroker({ inflight: 10, queue: 5 });
  const away = join("away", { clean: false, filters: ["a"] });
  const publisher = join("p");
  away.vanish();
  for (let i = 0; i < 8; i++) publisher.publish(message("a", { qos: 1 }));
  settle();
  expect(broker.totals.queued).toBe(5);
  expect(broker.totals.dropped).toBe(3);
});

test("no more than the receive maximum is in flight", () => {
  const { broker, settle, join, session } = makeBroker({ inflight: 3, queue: 100 });
  const slow = join("slow", { filters: ["a"], latency: 10_000 });
  const publisher = join("p");
  for (let i = 0; i < 8; i++) publisher.publish(message("a", { qos: 1 }));
  broker.network.agenda.runUntil(broker.network.agenda.now + 100);
  expect(session("slow")?.inflight).toBe(3);
  expect(session("slow")?.queued).toBe(5);
  settle();
  expect(slow.messages).toBe(8);
});

test("what was in flight when the connection broke is sent again", () => {
  const { broker, settle, join, session } = makeBroker();
  const client = join("c", { clean: false, filters: ["a"], latency: 1000 });
  const publisher = join("p");
  publisher.publish(message("a", { qos: 1 }));
  broker.network.agenda.runUntil(broker.network.agenda.now + 50);
  expect(session("c")?.inflight).toBe(1);
  client.vanish();
  client.connect();
  settle();
  expect(client.messages).toBe(1);
  expect(session("c")?.inflight).toBe(0);
});

test("a clean session ends with its connection: its subscriptions, queue and identifiers are freed", () => {
  const { builder, settle, join, session } = makeBroker();
  const { liveObjects } = builder;
  const client = join("c", { filters: ["a/b/c", "a/+/#"] });
  expect(builder.liveObjects).toBeGreaterThan(liveObjects);
  client.leave();
  settle();
  expect(session("c")).toBeUndefined();
  expect(builder.liveObjects).toBe(liveObjects);
});

test("the will is published when a client vanishes, and not when it leaves", () => {
  const { settle, join } = makeBroker();
  const watcher = join("w", { filters: ["+/status"] });
  const will = message("c/status", { length: 7, qos: 1, retain: false });
  join("c", { will }).vanish();
  settle();
  expect(watcher.messages).toBe(1);
  join("c", { will }).leave();
  settle();
  expect(watcher.messages).toBe(1);
});

test("a retained message comes with the subscription, until an empty one removes it", () => {
  const { builder, settle, join } = makeBroker();
  const publisher = join("p");
  const { liveObjects } = builder;
  publisher.publish(message("a/b", { retain: true }));
  publisher.publish(message("a/b", { retain: true, length: 30 }));
  settle();
  expect(join("early", { filters: ["a/+"] }).messages).toBe(1);
  publisher.publish(message("a/b", { retain: true, length: 0 }));
  settle();
  expect(join("late", { filters: ["a/+"] }).messages).toBe(0);
  expect(builder.liveObjects).toBeGreaterThan(liveObjects);
});

test("a second connection with the same identifier takes the place of the first", () => {
  const { broker, join } = makeBroker();
  const will = message("x", { retain: false });
  const watcher = join("w", { filters: ["x"] });
  join("c", { clean: false, filters: ["a"], will });
  join("c", { clean: false, filters: ["a"] });
  expect([...broker.sessions].length).toBe(2);
  expect(watcher.messages).toBe(1);
});

test("a clean connection ends the session that was kept", () => {
  const { broker, settle, join } = makeBroker();
  const client = join("c", { clean: false, filters: ["a"] });
  const publisher = join("p");
  client.vanish();
  publisher.publish(message("a", { qos: 1 }));
  settle();
  expect(broker.totals.queued).toBe(1);
  join("c", { clean: true });
  expect(broker.totals.queued).toBe(0);
});

test("shutting down frees everything, whatever is going on", () => {
  for (let stop = 0; stop < 400; stop += 7) {
    const { builder, broker, join } = makeBroker({ inflight: 2, queue: 3 });
    for (let i = 0; i < 20; i++) join(`s${i}`, { clean: i % 2 === 0, filters: ["a/#", `${i}`], latency: 40 });
    const publisher = join("p", { will: message("a/gone", { retain: true }) });
    for (let i = 0; i < 8; i++)
      publisher.publish(message("a/b", { qos: (i % 3) as QoS, retain: i % 4 === 0 }));
    new Client(broker, { clientId: "new", clean: false, filters: ["#"], qos: 1, latency: 100 }).connect();
    broker.network.agenda.runUntil(broker.network.agenda.now + stop);
    broker.shutDown();
    expect(builder.liveObjects).toBe(0);
  }
});
