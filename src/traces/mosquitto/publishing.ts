/** PUBLISH, SUBSCRIBE and UNSUBSCRIBE in the broker's memory (src/handle_publish.c, src/handle_subscribe.c ...). */
import type { Property, Publish, QoS, Subscribe, Unsubscribe, Will } from "../mqtt/control-packet.ts";
import { property } from "../mqtt/control-packet.ts";
import type { Client } from "./client.ts";
import { Message } from "./message.ts";
import { readProperties } from "./properties.ts";
import { SYSTEM_EXPIRY } from "./system-topics.ts";
import { parseTopic, tokens } from "./topics.ts";
import type { World } from "./world.ts";

export class Publishing {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  publish(client: Client, packet: Publish): void {
    const { memory, counters, now } = this.world;
    const { qos, payload, retain, properties, id } = packet;
    counters.publishesReceived++;
    counters.publishBytesReceived += payload;
    const topic = client.resolve(packet.topic, property(properties, "topicAlias"));
    if (topic === undefined) {
      this.world.anomaly("PUBLISH with a topic alias that was not set");
      return;
    }
    const message = new Message(memory, { topic, payload, qos, retain, properties });
    message.sourceId = id;
    message.expires = now + expiryOf(properties);
    const before = qos > 0 ? client.deliveries.incomplete(id) : undefined;
    const again = before?.equals(message) ?? false;
    if (before && !again) client.deliveries.complete(id);
    if (topic.startsWith("$CONTROL/")) message.free();
    else if (again || (qos === 2 && this.isFull(client))) {
      client.outbox.send("pubrec", again || client.version < 5 ? 2 : 3);
      message.free();
    } else {
      message.store(client.clientId, client.username);
      this.accept(client, message);
    }
  }

  /** PUBREL: a message at QoS 2 is complete, and goes to its subscribers. */
  release(client: Client, id: number): void {
    client.deliveries.complete(id, (message) => this.distribute(client.clientId, message, 2));
    client.outbox.send("pubcomp", 2);
  }

  subscribe(client: Client, packet: Subscribe): void {
    const { memory } = this.world;
    readProperties(memory, packet.properties, () => false);
    const identifier = property(packet.properties, "subscriptionIdentifier") ?? 0;
    let reasons = 0;
    packet.filters.forEach(({ filter, options }, i) => {
      const text = memory.text("filter", filter);
      const qos = (options & 3) as QoS;
      const [noLocal, retainAsPublished] = [(options & 4) !== 0, (options & 8) !== 0];
      const added = { qos, identifier, noLocal, retainAsPublished };
      const isNew = this.world.subscriptions.add(client, filter, added);
      // Retain Handling: 0 = send what is retained, 1 = only with a new subscription.
      const handling = options >> 4;
      if (handling === 0 || (handling === 1 && isNew)) this.sendRetained(client, filter, qos, identifier);
      memory.free(text);
      reasons = memory.realloc("reasons", reasons, i + 1);
    });
    client.outbox.send("suback", 2 + (client.version === 5 ? 1 : 0) + packet.filters.length);
    memory.free(reasons);
    client.deliveries.advance(this.world.now);
  }

  unsubscribe(client: Client, packet: Unsubscribe): void {
    const { memory } = this.world;
    readProperties(memory, packet.properties, () => false);
    let room = 10;
    let reasons = memory.malloc("unsubscribeReasons", room);
    packet.filters.forEach(({ filter }, i) => {
      const text = memory.text("filter", filter);
      this.world.subscriptions.remove(client, filter);
      memory.free(text);
      if (i + 1 === room) reasons = memory.realloc("unsubscribeReasons", reasons, (room *= 2));
    });
    client.outbox.send("unsuback", 2 + (client.version === 5 ? 1 + packet.filters.length : 0));
    memory.free(reasons);
  }

  /** A topic under $SYS. */
  announce(topic: string, payload: number): void {
    this.own({ topic, payload, qos: 2, retain: true }, SYSTEM_EXPIRY);
  }

  /** The will, if there is one, which is gone then. */
  sendWill(client: Client): void {
    const { will } = client;
    if (!will) return;
    this.own(will, expiryOf(will.properties), client);
    client.clearWill();
  }

  private own(
    fields: Pick<Will, "topic" | "payload" | "qos" | "retain">,
    expiry: number,
    source?: Client,
  ): void {
    const message = new Message(this.world.memory, { ...fields, properties: [] }, true);
    message.expires = this.world.now + expiry;
    message.store(source?.clientId ?? "", source?.username);
    this.distribute(source?.clientId ?? "", message, fields.qos);
  }

  private accept(client: Client, message: Message): void {
    if (message.qos === 2) {
      client.deliveries.receive(message);
      client.outbox.send("pubrec", 2);
      return;
    }
    const matched = this.distribute(client.clientId, message, message.qos);
    // Version 5 tells the publisher that nobody was there: reason 0x10.
    if (message.qos === 1) client.outbox.send("puback", client.version === 5 && !matched ? 3 : 2);
  }

  private isFull(client: Client): boolean {
    const most = this.world.settings.max_inflight_messages;
    return most > 0 && client.deliveries.incomingCount >= most;
  }

  /** To all that have subscribed, and to the retained ones if so marked; frees it when nobody holds it. */
  private distribute(source: string, message: Message, qos: QoS): boolean {
    const { memory, subscriptions, retained, now } = this.world;
    const looking = tokens(memory, message.topic);
    message.hold();
    const matched = subscriptions.match(parseTopic(message.topic, false), (leaf) => {
      const client = leaf.subscriber;
      if (leaf.noLocal && client.clientId === source) return;
      const marked = leaf.retainAsPublished && message.retain;
      client.deliveries.insert(message, lower(qos, leaf.qos as QoS), leaf.identifier, marked);
      client.deliveries.advanceAfterInsert(now);
    });
    if (message.retain) retained.store(message);
    memory.freeAll(looking.reverse());
    message.release();
    return matched;
  }

  /** They wait for SUBACK to be sent first. */
  private sendRetained(client: Client, filter: string, qos: QoS, identifier: number): void {
    const { memory, retained, now } = this.world;
    if (parseTopic(filter, true).share !== undefined) memory.freeAll(tokens(memory, filter));
    else
      retained.match(filter, now, (message) =>
        client.deliveries.insert(message, lower(message.qos, qos), identifier, true),
      );
  }
}

const lower = (a: QoS, b: QoS): QoS => (a < b ? a : b);

/** Seconds; Infinity where there is none. */
const expiryOf = (properties: readonly Property[]): number =>
  property(properties, "messageExpiryInterval") || Number.POSITIVE_INFINITY;
