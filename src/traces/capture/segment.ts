/** From a frame to the TCP segment in it: link layer, IPv4 or IPv6, TCP (RFC 791, 8200, 9293). */
import type { Frame } from "./frames.ts";

export interface Segment {
  /** Addresses with their ports: `10.0.0.7:1883`, `[2001:db8::1]:1883`. */
  readonly from: string;
  readonly to: string;
  /** Address alone. */
  readonly fromAddress: string;
  readonly toPort: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** What was captured of the payload; not kept. */
  readonly payload: Uint8Array;
  /** Bytes that the payload had. */
  readonly length: number;
}

/** Why there is none: another protocol, which is no fault, or something that cannot be read. */
export type NoSegment = "other" | "fragment" | "cut" | "link";

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
/** VLAN tags (IEEE 802.1Q, 802.1ad) and their older forms. */
const TAGS = new Set([0x8100, 0x88a8, 0x9100]);
/** IPv6 extension headers that say how long they are: hop-by-hop, routing, destination. */
const EXTENSIONS = new Set([0, 43, 60]);
const FRAGMENT = 44;

export function segmentOf({ link, bytes, length }: Frame): Segment | NoSegment {
  const at = networkLayer(link, bytes);
  if (typeof at === "string") return at;
  const packet = bytes.subarray(at);
  if (packet.length < 20) return packet.length === 0 ? "other" : "cut";
  const version = packet[0] >> 4;
  if (version === 4) return fromIPv4(packet, length - at);
  return version === 6 ? fromIPv6(packet, length - at) : "other";
}

/** Where the IP packet begins. */
function networkLayer(link: number, bytes: Uint8Array): number | NoSegment {
  const word = (at: number) => (bytes[at] << 8) | bytes[at + 1];
  const isIP = (type: number) => type === IPV4 || type === IPV6;
  switch (link) {
    case 1: {
      // LINKTYPE_ETHERNET
      let at = 12;
      while (TAGS.has(word(at))) at += 4;
      return isIP(word(at)) ? at + 2 : "other";
    }
    case 0: // LINKTYPE_NULL and LINKTYPE_LOOP: an address family in four bytes, whose numbers differ by system
    case 108:
      return 4;
    case 12: // LINKTYPE_RAW, as some systems number it
    case 101:
    case 228: // LINKTYPE_IPV4, LINKTYPE_IPV6
    case 229:
      return 0;
    case 113: // LINKTYPE_LINUX_SLL
      return isIP(word(14)) ? 16 : "other";
    case 276: // LINKTYPE_LINUX_SLL2
      return isIP(word(0)) ? 20 : "other";
    default:
      return "link";
  }
}

function fromIPv4(packet: Uint8Array, onWire: number): Segment | NoSegment {
  const header = (packet[0] & 15) * 4;
  if (packet[9] !== TCP) return "other";
  // More Fragments, or an offset.
  if (((packet[6] & 0x3f) | packet[7]) !== 0) return "fragment";
  // 0 where the network card cuts a long packet into segments after it was captured.
  const total = (packet[2] << 8) | packet[3] || onWire;
  const address = (at: number) => packet.subarray(at, at + 4).join(".");
  return fromTCP(packet.subarray(0, total), header, total, address(12), address(16));
}

function fromIPv6(packet: Uint8Array, onWire: number): Segment | NoSegment {
  if (packet.length < 40) return "cut";
  const total = 40 + ((packet[4] << 8) | packet[5]) || onWire;
  let next = packet[6];
  let at = 40;
  while (EXTENSIONS.has(next) && at + 8 <= packet.length) {
    next = packet[at];
    at += (packet[at + 1] + 1) * 8;
  }
  if (next === FRAGMENT) return "fragment";
  if (next !== TCP) return "other";
  return fromTCP(packet.subarray(0, total), at, total, sixAddress(packet, 8), sixAddress(packet, 24));
}

function fromTCP(
  packet: Uint8Array,
  at: number,
  total: number,
  from: string,
  to: string,
): Segment | NoSegment {
  const tcp = packet.subarray(at);
  if (tcp.length < 20) return "cut";
  const view = new DataView(tcp.buffer, tcp.byteOffset, tcp.byteLength);
  const header = (tcp[12] >> 4) * 4;
  const flags = tcp[13];
  const end = (address: string, port: number) =>
    `${address.includes(":") ? `[${address}]` : address}:${port}`;
  return {
    from: end(from, view.getUint16(0)),
    to: end(to, view.getUint16(2)),
    fromAddress: from,
    toPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledged: view.getUint32(8),
    fin: (flags & 1) !== 0,
    syn: (flags & 2) !== 0,
    rst: (flags & 4) !== 0,
    ack: (flags & 16) !== 0,
    payload: tcp.subarray(header),
    length: Math.max(0, total - at - header),
  };
}

/** In the short form of RFC 5952; addresses of IPv4 within it as they are usually written. */
function sixAddress(packet: Uint8Array, at: number): string {
  const words = Array.from({ length: 8 }, (_, i) => (packet[at + 2 * i] << 8) | packet[at + 2 * i + 1]);
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff)
    return `::ffff:${packet.subarray(at + 12, at + 16).join(".")}`;
  const text = words.map((word) => word.toString(16)).join(":");
  const zeros = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (!zeros) return text;
  return `${text.slice(0, zeros.index)}::${text.slice(zeros.index + zeros[0].length + 1)}`;
}
