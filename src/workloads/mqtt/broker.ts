/**
 * A small MQTT broker, as far as its memory goes: what it allocates for clients, topics and messages, and when it
 * lets go. Sections are those of MQTT 3.1.1 (OASIS standard, 29 October 2014) unless 5.0 is named.
 *
 * It departs from a real one in that nothing is parsed (lengths are computed from the same fields), acknowledgements
 * carry no properties, there are no keep-alive pings, and a client that comes back does not send again.
 */
import type { Network, Receiver } from "./connection.ts";
import { Connection } from "./connection.ts";
import type { QoS } from "./message.ts";
import { ApplicationMessage } from "./message.ts";
import { publishRemaining } from "./packets.ts";
import type { SessionLimits, SessionTotals } from "./session.ts";
import { Session } from "./session.ts";
import { TopicTree } from "./topic-tree.ts";

/** The fields of a CONNECT packet that cost memory (section 3.1). */
export interface Connect {
  readonly clientId: string;
  /** Clean Session (section 3.1.2.4). */
  readonly clean: boolean;
  /** Published by the broker when the connection ends without DISCONNECT (section 3.1.2.5). */
  readonly will?: Publish;
}

export interface Publish {
  readonly topic: string;
  /** Bytes of payload. */
  readonly length: number;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** What the broker knows of a connection: no session until CONNECT has come in. */
interface Link {
  session?: Session;
  will?: { readonly message: ApplicationMessage; readonly retain: boolean } | undefined;
}

/** Pointers in the table of sessions at the start; it doubles when it is full. */
const FIRST_TABLE = 16;

export class Broker {
  readonly network: Network;
  /** `published`: messages published so far, the broker's own and wills included. */
  readonly totals: SessionTotals & { published: number } = { queued: 0, dropped: 0, published: 0 };
  readonly #limits: SessionLimits;
  readonly #topics: TopicTree<Session>;
  readonly #sessions = new Map<string, Session>();
  readonly #links = new Map<Connection, Link>();
  readonly #table: number;
  #tableLength = FIRST_TABLE;

  constructor(network: Network, limits: SessionLimits) {
    this.network = network;
    this.#limits = limits;
    this.#table = network.memory.table(FIRST_TABLE);
    this.#topics = new TopicTree(network.memory);
  }

  get sessions(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** A network connection is made and its CONNECT packet is on the way. */
  connect(receiver: Receiver, connect: Connect, latency: number): Connection {
    const connection = new Connection(this.network, receiver, latency);
    const link: Link = {};
    this.#links.set(connection, link);
    connection.arrive(connectRemaining(connect), () => this.#connected(connection, link, connect));
    return connection;
  }

  /** SUBSCRIBE (section 3.8) with `filters` at one QoS; SUBACK, then the retained messages [MQTT-3.3.1-6]. */
  subscribe(connection: Connection, filters: readonly string[], qos: QoS, identifier: number): void {
    const remaining = filters.reduce((bytes, filter) => bytes + 2 + filter.length + 1, 2);
    connection.arrive(remaining, () => {
      const session = this.#links.get(connection)?.session;
      if (!session) return;
      for (const filter of filters) {
        session.addFilter(filter);
        this.#topics.subscribe(filter, session, qos);
      }
      connection.send({ type: "SUBACK", identifier }, 2 + filters.length);
      for (const filter of filters)
        for (const message of this.#topics.retained(filter))
          session.deliver(message, lower(message.qos, qos));
    });
  }

  /** PUBLISH (section 3.3) from a client, answered as its QoS asks (section 4.3). */
  publish(connection: Connection, publish: Publish, identifier: number): void {
    const { topic, length, qos, retain } = publish;
    connection.arrive(publishRemaining(publish, qos), () => {
      const known = qos === 2 && !this.#links.get(connection)?.session?.receive(identifier);
      if (!known) this.#distribute(new ApplicationMessage(this.network.memory, topic, length, qos), retain);
      if (qos > 0) connection.send({ type: qos === 1 ? "PUBACK" : "PUBREC", identifier }, 2);
    });
  }

  /** A message of the broker itself, such as those under `$SYS/`. */
  announce(topic: string, length: number): void {
    this.#distribute(new ApplicationMessage(this.network.memory, topic, length, 0), true);
  }

  /** PUBACK, PUBREC, PUBREL and PUBCOMP from a client (sections 3.4 to 3.7). */
  acknowledge(
    connection: Connection,
    type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP",
    identifier: number,
  ): void {
    connection.arrive(2, () => {
      const session = this.#links.get(connection)?.session;
      if (type === "PUBREC") session?.released(identifier);
      else if (type !== "PUBREL") session?.acknowledged(identifier);
      else {
        session?.complete(identifier);
        connection.send({ type: "PUBCOMP", identifier }, 2);
      }
    });
  }

  /** DISCONNECT (section 3.14): the will is discarded [MQTT-3.14.4-3]. */
  disconnect(connection: Connection): void {
    connection.arrive(0, () => this.#close(connection)?.message.release());
  }

  /** The network fails: the will is published [MQTT-3.1.2-8]. */
  lose(connection: Connection): void {
    const will = this.#close(connection);
    if (will) this.#distribute(will.message, will.retain);
  }

  /** Frees everything: connections and sessions, retained messages, the tree. Nothing is published any more. */
  shutDown(): void {
    for (const connection of this.#links.keys()) this.#close(connection)?.message.release();
    for (const session of this.#sessions.values()) this.#end(session);
    this.#topics.clear();
    this.network.memory.free(this.#table);
  }

  #connected(connection: Connection, link: Link, { clientId, clean, will }: Connect): void {
    const { memory } = this.network;
    const before = this.#sessions.get(clientId);
    if (before?.connection) this.lose(before.connection); // [MQTT-3.1.4-2]
    if (before && clean && !before.clean) this.#end(before); // [MQTT-3.1.2-6]
    let session = this.#sessions.get(clientId);
    const sessionPresent = session !== undefined;
    if (!session) {
      session = new Session(memory, this.#limits, this.totals, clientId, clean);
      this.#sessions.set(clientId, session);
      if (this.#sessions.size > this.#tableLength) {
        this.#tableLength *= 2;
        memory.resizeTable(this.#table, this.#tableLength);
      }
    }
    link.session = session;
    if (will) {
      const message = new ApplicationMessage(memory, will.topic, will.length, will.qos);
      link.will = { message, retain: will.retain };
    }
    connection.send({ type: "CONNACK", identifier: 0, sessionPresent }, 2);
    session.resume(connection);
  }

  /** To every matching session at the lower of both QoS [MQTT-3.8.4-6], then kept if so marked; drops the maker's hold. */
  #distribute(message: ApplicationMessage, retain: boolean): void {
    const { memory } = this.network;
    this.totals.published++;
    const matching = this.#topics.matching(message.topic);
    const matches = matching.size > 0 ? memory.table(2 * matching.size) : 0;
    for (const [session, granted] of matching) session.deliver(message, lower(message.qos, granted as QoS));
    if (matches > 0) memory.free(matches);
    if (retain) this.#topics.retain(message.topic, message.length > 0 ? message : undefined);
    message.release();
  }

  /** Frees the connection, and the session that ends with it; the will is handed over. */
  #close(connection: Connection): Link["will"] {
    const link = this.#links.get(connection);
    if (!link) return undefined;
    this.#links.delete(connection);
    connection.close();
    const { session, will } = link;
    if (session) session.connection = undefined;
    if (session?.clean) this.#end(session);
    return will;
  }

  #end(session: Session): void {
    for (const filter of session.filters) this.#topics.unsubscribe(filter, session);
    session.end();
    this.#sessions.delete(session.clientId);
  }
}

const lower = (a: QoS, b: QoS): QoS => (a < b ? a : b);

/** Variable header of 10 bytes (section 3.1.2), then client identifier and will, each with its length. */
function connectRemaining({ clientId, will }: Connect): number {
  return 10 + 2 + clientId.length + (will ? 2 + will.topic.length + 2 + will.length : 0);
}
