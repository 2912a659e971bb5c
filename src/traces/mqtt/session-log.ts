/**
 * The session log (`.mqttlog`): the traffic of a broker as text, an event a line, without payloads.
 *
 *     # mqttlog 1                                    the first line: format and version
 *     # broker max_queued_messages=0                 settings of the broker that was recorded, see mosquitto/settings.ts
 *     TIME CONNECTION open TRANSPORT ADDRESS         a client connects: tcp or websocket, and from where
 *     TIME CONNECTION > TYPE LENGTH [KEY=VALUE]...   a control packet to the broker; `<` is one to the client
 *     TIME CONNECTION close                          the connection has ended, whoever ended it
 *
 * TIME is in microseconds from the start, a whole number that does not fall. CONNECTION is a number from 1 that is not
 * used again. TYPE is connect, connack, publish ...; LENGTH is its Remaining Length in bytes. The keys:
 *
 *     version=4 clean keepalive=60 client=ID         connect; clean stands alone
 *     username=5 password=8                          connect: bytes
 *     will=TOPIC will.payload=12 will.qos=1 will.retain will.NAME=VALUE
 *     id=7                                           Packet Identifier
 *     topic=a/b payload=100 qos=1 retain dup         publish; qos=0 is left out
 *     filter=1:a/+                                   subscribe, unsubscribe: options and filter, once or more
 *     reason=16                                      Reason Code or return code, if it is not 0
 *     NAME=VALUE, NAME=BYTES+BYTES                   a property of version 5, by mqtt-packet's name: its number, or
 *                                                    the bytes of its text; userProperties have two
 *
 * In topics, identifiers and addresses, blanks, control characters and `%` are written as % and two hex digits.
 * Other `#` lines are comments. Numbers are decimal.
 */
import { TraceError } from "../trace.ts";
import {
  type ControlPacket,
  PACKET_TYPES,
  type PacketType,
  type Property,
  type QoS,
  type SessionEvent,
  type Will,
} from "./control-packet.ts";

export const SESSION_LOG_HEADER = "# mqttlog 1";

/** One line, without its end. */
export function formatEvent(event: SessionEvent): string {
  const start = `${event.time} ${event.connection}`;
  if (event.kind === "close") return `${start} close`;
  if (event.kind === "open") return `${start} open ${event.transport} ${escaped(event.address)}`;
  const { direction, packet } = event;
  const fields = [
    start,
    direction === "to-broker" ? ">" : "<",
    packet.type,
    packet.length,
    ...fieldsOf(packet),
  ];
  return fields.join(" ");
}

function fieldsOf(packet: ControlPacket): string[] {
  const fields: string[] = [];
  const flag = (name: string, set: boolean) => set && fields.push(name);
  const number = (name: string, value: number | undefined, usual?: number) =>
    value !== undefined && value !== usual && fields.push(`${name}=${value}`);
  const text = (name: string, value: string) => fields.push(`${name}=${escaped(value)}`);
  const properties = (prefix: string, list: readonly Property[]) => {
    for (const { name, value, second } of list)
      fields.push(`${prefix}${name}=${value}${second === undefined ? "" : `+${second}`}`);
  };
  switch (packet.type) {
    case "connect":
      number("version", packet.version);
      flag("clean", packet.clean);
      number("keepalive", packet.keepalive);
      text("client", packet.client);
      number("username", packet.username);
      number("password", packet.password);
      if (packet.will) {
        text("will", packet.will.topic);
        number("will.payload", packet.will.payload);
        number("will.qos", packet.will.qos, 0);
        flag("will.retain", packet.will.retain);
        properties("will.", packet.will.properties);
      }
      break;
    case "publish":
      number("id", packet.id, 0);
      text("topic", packet.topic);
      number("payload", packet.payload);
      number("qos", packet.qos, 0);
      flag("retain", packet.retain);
      flag("dup", packet.dup);
      break;
    case "subscribe":
    case "unsubscribe":
      number("id", packet.id);
      for (const { filter, options } of packet.filters) text("filter", `${options}:${filter}`);
      break;
    default:
      number("id", packet.id, 0);
      number("reason", packet.reason, 0);
  }
  properties("", packet.properties);
  return fields;
}

/** The event of a line that is neither empty nor a comment. Throws TraceError with what is wrong. */
export function parseEvent(line: string): SessionEvent {
  const [time, connection, what, ...rest] = line.split(/[ \t]+/);
  const at = { time: whole(time, "time"), connection: whole(connection, "connection") };
  if (at.connection === 0) throw new TraceError("connections are numbered from 1");
  switch (what) {
    case "close":
      if (rest.length > 0) throw new TraceError("close takes nothing more");
      return { ...at, kind: "close" };
    case "open": {
      const [transport, address] = rest;
      if ((transport !== "tcp" && transport !== "websocket") || rest.length !== 2)
        throw new TraceError("open takes a transport (tcp or websocket) and an address");
      return { ...at, kind: "open", transport, address: unescaped(address) };
    }
    case ">":
    case "<":
      return {
        ...at,
        kind: "packet",
        direction: what === ">" ? "to-broker" : "to-client",
        packet: packetOf(rest),
      };
    default:
      throw new TraceError(`${JSON.stringify(what ?? "")} is none of open, close, > and <`);
  }
}

function packetOf([type, length, ...rest]: string[]): ControlPacket {
  if (!PACKET_TYPES.includes(type as PacketType) || type === "reserved")
    throw new TraceError(`${JSON.stringify(type ?? "")} is no type of a control packet`);
  const fields = new Fields(rest);
  const common = { length: whole(length, "length") };
  const packet = fieldsInto(type as PacketType, common.length, fields);
  return { ...packet, properties: fields.properties("") };
}

function fieldsInto(type: PacketType, length: number, fields: Fields): ControlPacket {
  const common = { length, properties: [] };
  switch (type) {
    case "connect": {
      const [username, password] = [fields.optional("username"), fields.optional("password")];
      return {
        ...common,
        type,
        version: fields.number("version"),
        clean: fields.flag("clean"),
        keepalive: fields.number("keepalive"),
        client: fields.text("client"),
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(fields.has("will") && { will: willOf(fields) }),
      };
    }
    case "publish":
      return {
        ...common,
        type,
        id: fields.optional("id") ?? 0,
        topic: fields.text("topic"),
        payload: fields.number("payload"),
        qos: qosOf(fields.optional("qos") ?? 0),
        retain: fields.flag("retain"),
        dup: fields.flag("dup"),
      };
    case "subscribe":
    case "unsubscribe":
      return { ...common, type, id: fields.number("id"), filters: fields.all("filter").map(filterOf) };
    default:
      return { ...common, type, id: fields.optional("id") ?? 0, reason: fields.optional("reason") ?? 0 };
  }
}

function willOf(fields: Fields): Will {
  return {
    topic: fields.text("will"),
    payload: fields.number("will.payload"),
    qos: qosOf(fields.optional("will.qos") ?? 0),
    retain: fields.flag("will.retain"),
    properties: fields.properties("will."),
  };
}

function filterOf(text: string): { filter: string; options: number } {
  const colon = text.indexOf(":");
  if (colon < 1) throw new TraceError(`filter=${text} is no OPTIONS:FILTER`);
  return { options: whole(text.slice(0, colon), "options"), filter: text.slice(colon + 1) };
}

function qosOf(value: number): QoS {
  if (value > 2) throw new TraceError(`a QoS of ${value}; it is 0, 1 or 2`);
  return value as QoS;
}

/** The KEY=VALUE of a line; each is taken once, and what is left when the properties are asked for is properties. */
class Fields {
  private readonly fields: { readonly key: string; readonly value: string | undefined; taken: boolean }[];

  constructor(words: readonly string[]) {
    this.fields = words
      .filter((word) => word !== "")
      .map((word) => {
        const equals = word.indexOf("=");
        if (equals < 0) return { key: word, value: undefined, taken: false };
        return { key: word.slice(0, equals), value: word.slice(equals + 1), taken: false };
      });
  }

  has(key: string): boolean {
    return this.fields.some((field) => field.key === key);
  }

  all(key: string): string[] {
    const found = this.fields.filter(
      (field) => field.key === key && !field.taken && field.value !== undefined,
    );
    for (const field of found) field.taken = true;
    return found.map(({ value }) => unescaped(value ?? ""));
  }

  text(key: string): string {
    const [value] = this.all(key);
    if (value === undefined) throw new TraceError(`${key}= is missing`);
    return value;
  }

  number(key: string): number {
    return whole(this.text(key), key);
  }

  optional(key: string): number | undefined {
    return this.has(key) ? this.number(key) : undefined;
  }

  flag(key: string): boolean {
    const found = this.fields.find((field) => field.key === key && field.value === undefined);
    if (found) found.taken = true;
    return found !== undefined;
  }

  properties(prefix: string): Property[] {
    const found = this.fields.filter((field) => !field.taken && field.key.startsWith(prefix));
    return found.map((field) => {
      field.taken = true;
      const name = field.key.slice(prefix.length);
      if (field.value === undefined || !/^[a-zA-Z]+$/.test(name))
        throw new TraceError(`${JSON.stringify(field.key)} is no field of a packet`);
      const [value, second] = field.value.split("+");
      return {
        name,
        value: whole(value, name),
        ...(second !== undefined && { second: whole(second, name) }),
      };
    });
  }
}

function whole(text: string | undefined, what: string): number {
  if (text === undefined || text === "") throw new TraceError(`the ${what} is missing`);
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new TraceError(
      `the ${what} is ${JSON.stringify(text)}; it must be a whole number in decimal digits`,
    );
  return value;
}

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must be escaped
  text.replace(/[\u0000-\u0020%\u007f-\u00a0\u2028\u2029]/g, (character) =>
    Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(
      "",
    ),
  );

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TraceError(`${JSON.stringify(text)} has a % that is not followed by two hex digits of UTF-8`);
  }
}
