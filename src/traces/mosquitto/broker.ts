/**
 * Mosquitto 2.0.11 as far as its memory goes: events on the wire in, requests of its allocator out, function by
 * function (sites.ts names them). What the wire does not tell of the broker is in settings.ts.
 *
 * It departs from the real one in that packets are handled in the order of the log, that a payload is known by its
 * length only, and that it has no bridges, plugins, access lists, TLS, log files and no persistence file.
 */
import type { TraceBuilder } from "../builder.ts";
import type { ControlPacket, SessionEvent, Transport } from "../mqtt/control-packet.ts";
import { property } from "../mqtt/control-packet.ts";
import { Client } from "./client.ts";
import { HashTable } from "./hash-table.ts";
import { Memory } from "./memory.ts";
import { readProperties } from "./properties.ts";
import { Publishing } from "./publishing.ts";
import { Retained } from "./retained.ts";
import { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { allocateStartUp, allocateWebSocketStartUp } from "./start-up.ts";
import { Subscriptions } from "./subscriptions.ts";
import { NO_COUNTERS, SystemTopics } from "./system-topics.ts";
import type { World } from "./world.ts";

const SECOND = 1_000_000;
/** Of the topics under $SYS between two events: those of some 20 minutes, at 11 seconds. */
const MOST_UPDATES = 100;

export class Broker {
  private readonly builder: TraceBuilder;
  private readonly world: World;
  private readonly publishing: Publishing;
  private readonly sessions: Sessions;
  private readonly system = new SystemTopics();
  /** By connection: undefined when the client has left and the connection is still to be closed. */
  private readonly clients = new Map<number, Client | undefined>();
  private readonly table: HashTable;
  private online = 0;
  /** Second in which the topics under $SYS are written anew. */
  private nextSystem = Number.POSITIVE_INFINITY;
  private webSockets = false;

  /** Before the builder's first event. `anomaly` takes what does not fit. */
  constructor(builder: TraceBuilder, settings: Settings, anomaly: (kind: string) => void) {
    this.builder = builder;
    builder.records("time", "site");
    const memory = new Memory(builder);
    builder.phase("start");
    allocateStartUp(memory);
    const subscriptions = new Subscriptions<Client>(memory);
    const retained = new Retained(memory);
    const counters = { ...NO_COUNTERS };
    this.world = { memory, settings, subscriptions, retained, counters, now: 0, anomaly };
    this.publishing = new Publishing(this.world);
    this.sessions = new Sessions(this.world, this.publishing);
    this.table = new HashTable(memory, "contextTable");
    if (settings.sys_interval > 0) {
      this.publishing.announce("$SYS/broker/version", "mosquitto version 2.0.11".length);
      this.updateSystem();
    }
    builder.phase("load");
  }

  /** Events come in the order of their time. */
  take(event: SessionEvent): void {
    this.passTime(event.time / SECOND);
    const { connection } = event;
    if (event.kind === "open") this.accept(connection, event.transport, event.address);
    else if (!this.clients.has(connection))
      this.world.anomaly(`${event.kind} on a connection that was not opened`);
    else if (event.kind === "close") {
      this.hangUp(connection);
      this.clients.delete(connection);
    } else {
      const client = this.clients.get(connection);
      if (client && event.direction === "to-client") this.seen(client, event.packet);
      else if (client) this.read(connection, client, event.packet);
    }
  }

  private accept(connection: number, transport: Transport, address: string): void {
    const { memory, settings, counters } = this.world;
    if (this.clients.has(connection)) {
      this.world.anomaly("open of a connection that is open");
      return;
    }
    if (transport === "websocket" && !this.webSockets) {
      this.webSockets = true;
      allocateWebSocketStartUp(memory);
    }
    counters.sockets++;
    this.online++;
    this.clients.set(connection, new Client(memory, settings, transport, address));
    this.table.add();
  }

  private seen(client: Client, { type, length }: ControlPacket): void {
    const { counters } = this.world;
    counters.messagesSent++;
    counters.bytesSent += length + 2;
    if (type === "publish") counters.publishesSent++;
    // At QoS 0 the broker may drop, and with other settings it may send more than the model thinks.
    if (!client.outbox.seen(type, length))
      this.world.anomaly(`${type} of the broker that the model did not send`);
  }

  private read(connection: number, client: Client, packet: ControlPacket): void {
    const { memory, counters } = this.world;
    counters.messagesReceived++;
    counters.bytesReceived += packet.length + 2;
    const buffer = packet.length > 0 ? memory.malloc("packetIn", packet.length) : 0;
    if (packet.type === "connect" && client.version === 0) {
      counters.connections++;
      this.sessions.connect(client, packet, (before) => this.hangUpClient(before));
    } else if (packet.type === "connect") this.world.anomaly("second CONNECT on a connection");
    else if (client.version === 0) this.world.anomaly(`${packet.type} of a client before its CONNECT`);
    else if (packet.type === "publish") this.publishing.publish(client, packet);
    else if (packet.type === "subscribe") this.publishing.subscribe(client, packet);
    else if (packet.type === "unsubscribe") this.publishing.unsubscribe(client, packet);
    else {
      readProperties(memory, packet.properties, () => false);
      this.handle(client, packet);
    }
    memory.free(buffer);
    if (packet.type === "disconnect" && client.version > 0) this.hangUp(connection);
  }

  private handle(client: Client, packet: Exclude<ControlPacket, { type: "connect" | "publish" }>): void {
    const { type, properties } = packet;
    const { deliveries, outbox } = client;
    const { id, reason } = { reason: 0, ...packet };
    if (type === "pubrec" && reason < 0x80) deliveries.received(id);
    else if (type === "puback" || type === "pubrec" || type === "pubcomp")
      deliveries.acknowledged(id, this.world.now);
    else if (type === "pubrel") this.publishing.release(client, id);
    else if (type === "pingreq") outbox.send("pingresp", 0);
    else if (type === "disconnect")
      this.sessions.leave(client, reason, property(properties, "sessionExpiryInterval"));
    else if (type !== "auth") this.world.anomaly(`${type} of a client, which only a broker sends`);
  }

  /** The connection is over for the broker; its `close` may still come. */
  private hangUp(connection: number): void {
    const client = this.clients.get(connection);
    if (!client) return;
    this.forget(connection, client);
    this.sessions.disconnected(client);
  }

  /** Another connection has taken the client's session over. */
  private hangUpClient(before: Client): void {
    for (const [connection, client] of this.clients) if (client === before) this.forget(connection, client);
  }

  private forget(connection: number, client: Client): void {
    this.clients.set(connection, undefined);
    this.online--;
    this.table.remove();
    client.disconnect();
  }

  private passTime(now: number): void {
    const interval = this.world.settings.sys_interval + 1;
    for (let updates = 0; this.nextSystem <= now; updates++) {
      // Longer without traffic the averages are nearly at rest; the last update stands for those between.
      if (updates === MOST_UPDATES)
        this.nextSystem += Math.floor((now - this.nextSystem) / interval) * interval;
      this.setTime(this.nextSystem);
      this.updateSystem();
    }
    this.setTime(now);
    this.sessions.passTime();
  }

  private setTime(now: number): void {
    this.world.now = now;
    this.builder.details.time = Math.round(now * 1e9);
  }

  private updateSystem(): void {
    const { counters, memory, subscriptions, retained, now, settings } = this.world;
    counters.clients = this.sessions.count;
    counters.disconnected = Math.max(0, counters.clients - this.online);
    counters.subscriptions = subscriptions.counts.plain;
    counters.sharedSubscriptions = subscriptions.counts.shared;
    counters.retained = retained.count;
    counters.heap = memory.liveBytes;
    counters.heapPeak = Math.max(counters.heapPeak, memory.liveBytes);
    this.system.update(Math.floor(now), counters, (topic, bytes) => this.publishing.announce(topic, bytes));
    // The clock has whole seconds, and more than the interval must have passed.
    this.nextSystem = Math.floor(now) + settings.sys_interval + 1;
  }
}
