/** A client and its session: one structure in Mosquitto (src/context.c), which outlives the connection where it must. */
import type { Connect, Transport, Will } from "../mqtt/control-packet.ts";
import { property } from "../mqtt/control-packet.ts";
import { Deliveries } from "./deliveries.ts";
import { type Memory, SIZES, utf8Length } from "./memory.ts";
import { Outbox } from "./outbox.ts";
import { readProperties } from "./properties.ts";
import type { Settings } from "./settings.ts";
import { SubscriptionList } from "./subscriptions.ts";

/** A session that never ends by itself (MQTT 5.0 section 3.1.2.11.2). */
export const NEVER = 0xffffffff;

/** Bytes of the buffers with which libwrap reads /etc/hosts.allow and /etc/hosts.deny: FILE, and what it buffers. */
const FILE_BYTES = [472, 4096];

export class Client {
  clientId = "";
  /** Protocol version; 0 until CONNECT. */
  version = 0;
  cleanStart = true;
  /** Seconds that the session outlives its connection; NEVER. */
  sessionExpiry = 0;
  online = true;
  subscriptions = new SubscriptionList();
  readonly outbox: Outbox;
  readonly deliveries: Deliveries;
  /** Bytes. */
  username: number | undefined;
  will: Will | undefined;
  /** Seconds of the broker's clock. */
  willDue: number | undefined;
  sessionDue: number | undefined;
  private readonly memory: Memory;
  private readonly context: number;
  private readonly address: number;
  private readonly webSocket: readonly number[];
  private identifier = 0;
  private credentials: number[] = [];
  private willBlocks: number[] = [];
  private willListItem = 0;
  private expiryListItem = 0;
  private readonly aliases = new Map<number, { readonly topic: string; readonly block: number }>();
  private aliasArray = 0;

  constructor(memory: Memory, settings: Settings, transport: Transport, address: string) {
    this.memory = memory;
    this.webSocket = transport === "websocket" ? acceptWebSocket(memory) : [];
    if (transport === "tcp") readHostsFiles(memory);
    this.context = memory.calloc("context", SIZES.context);
    this.address = memory.text("address", seenBy(transport, address));
    this.outbox = new Outbox(memory, transport === "websocket", settings.socket_buffer);
    this.deliveries = new Deliveries(memory, this, settings);
  }

  /** What CONNECT brings, without the session's past. `generated` is its identifier where it has sent none. */
  connect(connect: Connect, generated: string): void {
    const { memory } = this;
    const { properties } = connect;
    readProperties(memory, properties, () => false);
    this.version = connect.version;
    this.cleanStart = connect.clean;
    this.sessionExpiry =
      connect.version < 5
        ? connect.clean
          ? 0
          : NEVER
        : (property(properties, "sessionExpiryInterval") ?? 0);
    this.clientId = connect.client === "" ? generated : connect.client;
    this.identifier =
      connect.client === ""
        ? memory.calloc("generatedId", 1, utf8Length(generated) + 1)
        : memory.text("clientId", connect.client);
    if (connect.will) this.readWill(connect.will);
    this.username = connect.username;
    for (const bytes of [connect.username, connect.password])
      if (bytes !== undefined && bytes > 0) this.credentials.push(memory.malloc("credentials", bytes + 1));
    if (connect.version < 5) return;
    this.deliveries.limit(property(properties, "receiveMaximum") ?? this.deliveries.maximum);
    this.deliveries.maximumPacket = property(properties, "maximumPacketSize") ?? 0;
  }

  /** Whether the session is over with its connection. */
  get endsWithConnection(): boolean {
    return this.version === 5 ? this.sessionExpiry === 0 : this.cleanStart;
  }

  takeSubscriptions(before: Client): void {
    this.subscriptions = before.subscriptions;
    before.subscriptions = new SubscriptionList();
  }

  /** The topic of a PUBLISH that may be an alias, or undefined when it is none that was set. */
  resolve(topic: string, alias: number | undefined): string | undefined {
    if (alias === undefined) return topic;
    if (topic === "") return this.aliases.get(alias)?.topic;
    const { memory, aliases } = this;
    const before = aliases.get(alias);
    if (before) memory.free(before.block);
    else this.aliasArray = memory.realloc("alias", this.aliasArray, (aliases.size + 1) * SIZES.alias);
    aliases.set(alias, { topic, block: memory.text("alias", topic) });
    return topic;
  }

  clearWill(): void {
    this.will = undefined;
    this.memory.freeAll(this.willBlocks);
    this.willBlocks = [];
  }

  /** The will waits, until `due`. */
  delayWill(due: number): void {
    if (this.willDue !== undefined) return;
    this.willDue = due;
    this.willListItem = this.memory.calloc("willDelay", SIZES.listItem);
  }

  forgetWillDelay(): void {
    this.willDue = undefined;
    this.memory.free(this.willListItem);
    this.willListItem = 0;
  }

  expireAt(due: number): void {
    this.sessionDue = due;
    this.expiryListItem = this.memory.calloc("expiry", SIZES.listItem);
  }

  forgetExpiry(): void {
    this.sessionDue = undefined;
    this.memory.free(this.expiryListItem);
    this.expiryListItem = 0;
  }

  /** The connection has ended. */
  disconnect(): void {
    this.online = false;
    this.outbox.close();
    this.memory.freeAll(this.webSocket);
  }

  freeIdentifier(): void {
    this.memory.free(this.identifier);
    this.identifier = 0;
  }

  /** The session has ended; its subscriptions and deliveries are gone. */
  free(): void {
    const { memory, aliases } = this;
    this.forgetExpiry();
    this.forgetWillDelay();
    for (const { block } of aliases.values()) memory.free(block);
    memory.free(this.aliasArray);
    memory.freeAll(this.credentials);
    this.freeIdentifier();
    this.clearWill();
    memory.freeAll([this.address, this.context]);
  }

  private readWill(will: Will): void {
    const { memory } = this;
    this.will = will;
    const structure = memory.calloc("will", SIZES.will);
    const kept = readProperties(memory, will.properties, (name) => !name.endsWith("Interval"));
    const topic = memory.text("will", will.topic);
    const payload = will.payload > 0 ? memory.malloc("will", will.payload) : 0;
    this.willBlocks = [topic, payload, ...kept, structure];
  }
}

function readHostsFiles(memory: Memory): void {
  for (let file = 0; file < 2; file++) {
    const blocks = FILE_BYTES.map((bytes) => memory.malloc("hostsAccess", bytes));
    memory.freeAll(blocks.reverse());
  }
}

/**
 * libwebsockets 4.1, on a listener that takes IPv6 as well: the connection with its protocol's data and a buffer for
 * what comes in; the tables of its handshake are gone when it is over.
 */
function acceptWebSocket(memory: Memory): number[] {
  const connection = memory.malloc("webSocket", 840);
  const headers = [976, 4096].map((bytes) => memory.malloc("webSocketHeaders", bytes));
  const rest = [8, 224, 4116].map((bytes) => memory.malloc("webSocket", bytes));
  memory.freeAll(headers.reverse());
  return [...rest, connection];
}

/** As the broker sees it: an IPv4 address through an IPv6 socket. */
const seenBy = (transport: Transport, address: string): string =>
  transport === "websocket" && !address.includes(":") ? `::ffff:${address}` : address;
