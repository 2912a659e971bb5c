/** Captures made for tests: the TCP segments of a real one, in other link layers, files, orders. */
import { type Frame, Frames } from "../../../src/traces/capture/frames.ts";

/** IP packets of a capture on Ethernet or, of IPv4, on Linux cooked v2, with their times. */
export interface Packet {
  readonly time: number;
  readonly ip: Uint8Array;
}

export function packetsOf(file: Uint8Array): Packet[] {
  const found: Packet[] = [];
  const frames = new Frames(({ time, bytes }: Frame) => found.push({ time, ip: bytes.slice(14) }));
  frames.push(file);
  return found;
}

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Link layers by their LINKTYPE_ number: what stands before an IP packet. */
export const LINKS: readonly (readonly [
  name: string,
  link: number,
  header: (ip: Uint8Array) => Uint8Array,
])[] = [
  ["Ethernet", 1, (ip) => concat(new Uint8Array(12), type(ip))],
  ["Ethernet with a VLAN tag", 1, (ip) => concat(new Uint8Array(12), bytes(0x81, 0, 0, 7), type(ip))],
  ["loopback of BSD", 0, (ip) => (ip[0] >> 4 === 4 ? bytes(2, 0, 0, 0) : bytes(30, 0, 0, 0))],
  ["loopback of OpenBSD", 108, () => bytes(0, 0, 0, 2)],
  ["raw IP", 101, () => bytes()],
  ["Linux cooked v1", 113, (ip) => concat(new Uint8Array(14), type(ip))],
  ["Linux cooked v2", 276, (ip) => concat(type(ip), new Uint8Array(18))],
];

const type = (ip: Uint8Array) => (ip[0] >> 4 === 4 ? bytes(0x08, 0) : bytes(0x86, 0xdd));

/** The same segment between two addresses of IPv6, behind a hop-by-hop header. */
export function asIPv6({ time, ip }: Packet): Packet {
  const tcp = ip.subarray((ip[0] & 15) * 4, (ip[2] << 8) | ip[3]);
  const length = tcp.length + 8;
  const address = (last: number) => bytes(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
  const fixed = bytes(0x60, 0, 0, 0, length >> 8, length & 255, 0, 64);
  // Between the same two: the ports tell who is who.
  return { time, ip: concat(fixed, address(1), address(1), bytes(6, 0, 1, 4, 0, 0, 0, 0), tcp) };
}

export function pcapOf(
  packets: readonly Packet[],
  link: number,
  header: (ip: Uint8Array) => Uint8Array,
  big = false,
) {
  const words = (...numbers: number[]) => words32(!big, numbers);
  const head = concat(
    words(0xa1b2c3d4),
    big ? bytes(0, 2, 0, 4) : bytes(2, 0, 4, 0),
    words(0, 0, 65535, link),
  );
  const records = packets.map(({ time, ip }) => {
    const frame = concat(header(ip), ip);
    return concat(words(Math.floor(time / 1e6), Math.round(time % 1e6), frame.length, frame.length), frame);
  });
  return concat(head, ...records);
}

/** Two sections, nanoseconds, a block that nobody knows. */
export function pcapngOf(packets: readonly Packet[]): Uint8Array {
  const words = (...numbers: number[]) => words32(true, numbers);
  const block = (kind: number, body: Uint8Array) => {
    const padded = concat(body, new Uint8Array(-body.length & 3));
    return concat(words(kind, padded.length + 12), padded, words(padded.length + 12));
  };
  const section = concat(
    block(0x0a0d0d0a, concat(words(0x1a2b3c4d), bytes(1, 0, 0, 0), words(0xffffffff, 0xffffffff))),
    block(1, concat(bytes(101, 0, 0, 0), words(0), bytes(9, 0, 1, 0, 9, 0, 0, 0), words(0))),
    block(0x0bad, words(1, 2, 3)),
  );
  const half = packets.length >> 1;
  const blocks = packets.map(({ time, ip }) => {
    const ns = BigInt(Math.round(time)) * 1000n;
    return block(6, concat(words(0, Number(ns >> 32n), Number(ns & 0xffffffffn), ip.length, ip.length), ip));
  });
  return concat(section, ...blocks.slice(0, half), section, ...blocks.slice(half));
}

function words32(little: boolean, numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number, little);
  return new Uint8Array(view.buffer);
}
