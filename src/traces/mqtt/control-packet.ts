/**
 * What is kept of an MQTT control packet: its kind, lengths, topics and flags, as far as they decide what a broker
 * allocates. Payloads, passwords and the texts of properties are lengths only. Sections are those of MQTT 5.0 (OASIS,
 * 7 March 2019); 3.1.1 has a part of the same fields.
 */

/** Section 2.1.2, table 2-1; the number of a type is its index. */
export const PACKET_TYPES = [
  "reserved",
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
] as const;
export type PacketType = Exclude<(typeof PACKET_TYPES)[number], "reserved">;

export type QoS = 0 | 1 | 2;

/**
 * A property (section 2.2.2), by the name that the library mqtt-packet has for it. `value` is the number itself, or the
 * bytes of a text or of binary data; a user property is a pair of texts, the bytes of its name and of its value.
 */
export interface Property {
  readonly name: string;
  readonly value: number;
  readonly second?: number;
}

export interface Will {
  readonly topic: string;
  /** Bytes. */
  readonly payload: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: readonly Property[];
}

/** One filter of a SUBSCRIBE; `options` as in section 3.8.3.1: QoS in bits 0 and 1, No Local, Retain As Published ... */
export interface Filter {
  readonly filter: string;
  readonly options: number;
}

interface Common {
  /** Remaining Length (section 2.1.4): all but the fixed header, in bytes. */
  readonly length: number;
  /** Empty before version 5. */
  readonly properties: readonly Property[];
}

export interface Connect extends Common {
  readonly type: "connect";
  /** 3, 4 (that is 3.1.1) or 5. */
  readonly version: number;
  /** Clean Session or Clean Start (section 3.1.2.4). */
  readonly clean: boolean;
  /** Seconds; 0 = never. */
  readonly keepalive: number;
  readonly client: string;
  readonly will?: Will;
  /** Bytes. */
  readonly username?: number;
  /** Bytes. */
  readonly password?: number;
}

export interface Publish extends Common {
  readonly type: "publish";
  /** Empty where a topic alias stands for it. */
  readonly topic: string;
  /** Bytes. */
  readonly payload: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Packet Identifier (section 2.2.1); 0 at QoS 0. */
  readonly id: number;
}

export interface Subscribe extends Common {
  readonly type: "subscribe";
  readonly id: number;
  readonly filters: readonly Filter[];
}

export interface Unsubscribe extends Common {
  readonly type: "unsubscribe";
  readonly id: number;
  readonly filters: readonly Filter[];
}

/** The packets of which nothing else matters. */
export interface Other extends Common {
  readonly type: Exclude<PacketType, "connect" | "publish" | "subscribe" | "unsubscribe">;
  /** 0 where there is none. */
  readonly id: number;
  /** Reason Code (section 2.4), or the return code of CONNACK before version 5; 0 where there is none. */
  readonly reason: number;
}

export type ControlPacket = Connect | Publish | Subscribe | Unsubscribe | Other;

export type Direction = "to-broker" | "to-client";
export type Transport = "tcp" | "websocket";

/** One line of a session log. `time` is in microseconds from its start; connections are numbered from 1. */
export type SessionEvent = { readonly time: number; readonly connection: number } & (
  | { readonly kind: "open"; readonly transport: Transport /** Of the client. */; readonly address: string }
  | { readonly kind: "packet"; readonly direction: Direction; readonly packet: ControlPacket }
  | { readonly kind: "close" }
);

/** The value of a numeric property, or undefined. */
export const property = (properties: readonly Property[], name: string): number | undefined =>
  properties.find((each) => each.name === name)?.value;
