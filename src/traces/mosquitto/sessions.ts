/** How sessions begin, go on and end (src/handle_connect.c, src/context.c, src/session_expiry.c, src/will_delay.c). */
import { type Connect, property } from "../mqtt/control-packet.ts";
import { type Client, NEVER } from "./client.ts";
import { HashTable } from "./hash-table.ts";
import { addProperties, sectionLength } from "./properties.ts";
import type { Publishing } from "./publishing.ts";
import { allocateRandomStartUp } from "./start-up.ts";
import type { World } from "./world.ts";

export class Sessions {
  private readonly world: World;
  private readonly publishing: Publishing;
  /** By client identifier, the client connected or not. */
  private readonly sessions = new Map<string, Client>();
  private readonly table: HashTable;
  /** Those with something due: a will that waits, or their own end. */
  private readonly waiting = new Set<Client>();
  private generated = 0;

  constructor(world: World, publishing: Publishing) {
    this.world = world;
    this.publishing = publishing;
    this.table = new HashTable(world.memory, "contextTable");
  }

  get count(): number {
    return this.sessions.size;
  }

  /** CONNECT. `hangUp` ends the connection of the client that had the session until now. */
  connect(client: Client, packet: Connect, hangUp: (before: Client) => void): void {
    if (packet.client === "" && this.generated === 0) allocateRandomStartUp(this.world.memory);
    // Mosquitto makes `auto-` and a UUID, which has 36 characters.
    const name = packet.client === "" ? `auto-${String(++this.generated).padStart(36, "0")}` : packet.client;
    client.connect(packet, name);
    const before = this.sessions.get(name);
    if (before) this.takeOver(before, client, hangUp);
    this.sessions.set(name, client);
    this.table.add();
    this.connack(client, packet);
    client.deliveries.resume(this.world.now);
  }

  /** DISCONNECT: the will is forgotten, unless its reason asks for it (MQTT 5.0 section 3.14.2.1). */
  leave(client: Client, reason: number, expiry: number | undefined): void {
    if (expiry !== undefined && client.sessionExpiry > 0) client.sessionExpiry = expiry;
    if (reason !== WITH_WILL) client.clearWill();
  }

  /** The connection has ended. */
  disconnected(client: Client): void {
    const { now, settings } = this.world;
    const delay = property(client.will?.properties ?? [], "willDelayInterval") ?? 0;
    if (client.will && delay > 0) {
      client.delayWill(now + delay);
      this.waiting.add(client);
    } else this.publishing.sendWill(client);
    if (client.sessionExpiry === 0) {
      if (client.willDue === undefined) this.end(client);
      return;
    }
    const most = settings.persistent_client_expiration;
    if (most === 0 && client.sessionExpiry === NEVER) return;
    client.expireAt(now + (most === 0 ? client.sessionExpiry : Math.min(most, client.sessionExpiry)));
    this.waiting.add(client);
  }

  /** Wills and ends that are due. */
  passTime(): void {
    const { now, counters } = this.world;
    for (const client of [...this.waiting]) {
      if (client.willDue !== undefined && client.willDue < now) {
        client.forgetWillDelay();
        this.publishing.sendWill(client);
        if (client.sessionExpiry === 0) this.end(client);
      }
      if (client.sessionDue !== undefined && client.sessionDue < now) {
        counters.expired++;
        this.publishing.sendWill(client);
        this.end(client);
      }
    }
  }

  private takeOver(before: Client, client: Client, hangUp: (before: Client) => void): void {
    const { subscriptions } = this.world;
    if (client.cleanStart) subscriptions.removeAll(before);
    else if (before.sessionExpiry > 0) {
      client.deliveries.takeOver(before.deliveries);
      client.takeSubscriptions(before);
      subscriptions.handOver(before, client);
    }
    if (client.cleanStart || before.endsWithConnection) this.publishing.sendWill(before);
    before.clearWill();
    if (before.online) hangUp(before);
    this.end(before);
  }

  private connack(client: Client, packet: Connect): void {
    const { memory, settings } = this.world;
    if (packet.version < 5) {
      client.outbox.send("connack", 2);
      return;
    }
    const asked = [
      ...(settings.max_topic_alias > 0
        ? [{ name: "topicAliasMaximum", value: settings.max_topic_alias }]
        : []),
      ...(packet.keepalive === 0 ? [{ name: "serverKeepAlive", value: 65_535 }] : []),
      ...(packet.client === "" ? [{ name: "assignedClientIdentifier", value: client.clientId.length }] : []),
    ];
    const most = settings.max_inflight_messages;
    const always = most > 0 ? [{ name: "receiveMaximum", value: most }] : [];
    // The first ones are copied before the others are added to the copy.
    const blocks = [asked, asked, always].flatMap((properties) => addProperties(memory, properties));
    client.outbox.send("connack", 2 + sectionLength([...asked, ...always]));
    memory.freeAll(blocks);
  }

  /** The session is over: context__add_to_disused, and context__cleanup at the next turn of the loop. */
  private end(client: Client): void {
    this.waiting.delete(client);
    if (client.version > 0) {
      this.table.remove();
      if (this.sessions.get(client.clientId) === client) this.sessions.delete(client.clientId);
    }
    client.freeIdentifier();
    this.world.subscriptions.removeAll(client);
    client.deliveries.free();
    client.free();
  }
}

/** Disconnect with Will Message (MQTT 5.0 section 3.14.2.1). */
const WITH_WILL = 4;
