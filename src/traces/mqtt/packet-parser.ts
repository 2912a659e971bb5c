/** The library mqtt-packet behind our own records. It is 48 KB with what it needs, and loaded when it is first asked. */
import type { IPacket, Packet } from "mqtt-packet";
import { TraceError } from "../trace.ts";
import type { ControlPacket, Filter, Property, QoS, Will } from "./control-packet.ts";

/**
 * Reads one packet. A PUBLISH comes without its payload, and its fixed header says so; `length` and `payload` are
 * those that it really had. `version` matters for all but CONNECT.
 */
export type ParsePacket = (
  bytes: Uint8Array,
  version: number,
  length: number,
  payload: number,
) => ControlPacket;

export async function loadPacketParser(): Promise<ParsePacket> {
  const { parser } = await import("mqtt-packet");
  return (bytes, version, length, payload) => {
    const found: Packet[] = [];
    let wrong: Error | undefined;
    const reader = parser({ protocolVersion: version } as unknown as Parameters<typeof parser>[0]);
    reader.on("packet", (packet: Packet) => found.push(packet));
    reader.on("error", (error: Error) => {
      wrong ??= error;
    });
    try {
      reader.parse(bytes as Parameters<typeof reader.parse>[0]);
    } catch (error) {
      wrong = error as Error;
    }
    if (wrong || found.length !== 1)
      throw new TraceError(`no control packet: ${wrong?.message ?? "its fields are longer than it is"}`);
    return kept(found[0], length, payload);
  };
}

function kept(packet: Packet, length: number, payload: number): ControlPacket {
  const { properties: named, reasonCode, returnCode } = packet as Named;
  const id = packet.messageId ?? 0;
  const common = { length, properties: properties(named) };
  switch (packet.cmd) {
    case "connect": {
      const { username, password } = packet;
      return {
        ...common,
        type: "connect",
        version: packet.protocolVersion ?? 4,
        clean: packet.clean ?? false,
        keepalive: packet.keepalive ?? 0,
        client: packet.clientId,
        ...(packet.will && { will: willOf(packet.will) }),
        ...(username !== undefined && { username: bytesOf(username) }),
        ...(password !== undefined && { password: bytesOf(password) }),
      };
    }
    case "publish": {
      const { topic, qos, retain, dup } = packet;
      return { ...common, type: "publish", topic, payload, qos, retain, dup, id };
    }
    case "subscribe":
      return { ...common, type: "subscribe", id, filters: packet.subscriptions.map(filterOf) };
    case "unsubscribe": {
      const filters = packet.unsubscriptions.map((filter) => ({ filter, options: 0 }));
      return { ...common, type: "unsubscribe", id, filters };
    }
    default:
      return { ...common, type: packet.cmd, id, reason: reasonCode ?? returnCode ?? 0 };
  }
}

type Named = IPacket & {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly reasonCode?: number;
  readonly returnCode?: number;
};

type WillPacket = NonNullable<Extract<Packet, { cmd: "connect" }>["will"]>;

function willOf({ topic, payload, qos, retain, properties: named }: WillPacket): Will {
  const will = { topic, payload: bytesOf(payload), qos: (qos ?? 0) as QoS, retain: retain ?? false };
  return { ...will, properties: properties(named) };
}

type Subscription = Extract<Packet, { cmd: "subscribe" }>["subscriptions"][number];

const filterOf = ({ topic, qos, nl, rap, rh }: Subscription): Filter => ({
  filter: topic,
  options: qos | (nl ? 4 : 0) | (rap ? 8 : 0) | ((rh ?? 0) << 4),
});

function properties(named: Readonly<Record<string, unknown>> | undefined): Property[] {
  const found: Property[] = [];
  for (const [name, values] of Object.entries(named ?? {})) {
    if (name === "userProperties") {
      for (const [key, texts] of Object.entries(values as Record<string, string | string[]>))
        for (const text of [texts].flat()) found.push({ name, value: bytesOf(key), second: bytesOf(text) });
    } else for (const value of [values].flat()) found.push({ name, value: numberOf(value) });
  }
  return found;
}

const numberOf = (value: unknown): number =>
  typeof value === "number" || typeof value === "boolean" ? Number(value) : bytesOf(value);

const encoder = new TextEncoder();

const bytesOf = (value: unknown): number =>
  typeof value === "string" ? encoder.encode(value).length : ((value as Uint8Array | null)?.length ?? 0);
