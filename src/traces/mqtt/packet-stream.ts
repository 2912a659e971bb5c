/**
 * One direction of a connection: bytes, cut anywhere, become control packets. Of a packet no more is held than its
 * parser needs: a PUBLISH passes without its payload, so that memory does not grow with it.
 */
import { appended } from "../appended.ts";
import { TraceError } from "../trace.ts";
import type { ControlPacket } from "./control-packet.ts";
import type { ParsePacket } from "./packet-parser.ts";

const PUBLISH = 3;
/** Longest part of a packet that is held. Topics have at most 65,535 bytes; properties could have more than that. */
const LONGEST_HELD = 1 << 20;

export class PacketStream {
  /** Of MQTT: 3, 4 or 5. Whoever reads both directions learns it from CONNECT. */
  version = 4;
  private readonly parse: ParsePacket;
  private readonly found: (packet: ControlPacket) => void;
  /** Type and flags; -1 between packets. */
  private first = -1;
  /** Remaining Length, and the next digit's weight (section 2.1.4: base 128, lowest first); 0 when it is complete. */
  private length = 0;
  private weight = 1;
  /** Bytes of the packet that came so far, behind the fixed header; those that are held are held[0 .. kept - 1]. */
  private passed = 0;
  private held = new Uint8Array(64);
  private kept = 0;
  /** Bytes that must be held; it may grow as the packet's own lengths come to be known. */
  private wanted = 0;

  constructor(parse: ParsePacket, found: (packet: ControlPacket) => void) {
    this.parse = parse;
    this.found = found;
  }

  /** Whether it stands between two packets. */
  get idle(): boolean {
    return this.first < 0;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length || (this.first >= 0 && this.weight === 0 && this.passed === this.length)) {
      if (this.first < 0) {
        this.first = bytes[at++];
        if (this.first < 16) throw new TraceError(`no control packet: it begins with the byte ${this.first}`);
        this.length = 0;
        this.weight = 1;
      } else if (this.weight > 0) this.lengthDigit(bytes[at++]);
      else if (this.passed < this.length) at += this.take(bytes.subarray(at));
      else this.complete();
    }
  }

  /** Passes over bytes that are not there; false where they are none of a payload. */
  skip(length: number): boolean {
    const inPayload = this.first >= 0 && this.weight === 0 && this.kept === this.wanted;
    if (!inPayload || length > this.length - this.passed) return false;
    this.passed += length;
    if (this.passed === this.length) this.complete();
    return true;
  }

  private lengthDigit(digit: number): void {
    this.length += (digit & 127) * this.weight;
    this.weight *= 128;
    if (digit < 128) {
      this.weight = 0;
      this.passed = 0;
      this.kept = 0;
      this.wanted = this.want();
    } else if (this.weight > 128 ** 3) throw new TraceError("no control packet: its length has five digits");
  }

  /** Takes as much as belongs to the packet; the number of bytes that were taken. */
  private take(bytes: Uint8Array): number {
    const some = bytes.subarray(0, this.length - this.passed);
    let from = 0;
    while (from < some.length && this.kept < this.wanted) {
      const hold = some.subarray(from, from + this.wanted - this.kept);
      this.hold(hold);
      from += hold.length;
      if (this.kept === this.wanted) this.wanted = this.want();
    }
    this.passed += some.length;
    return some.length;
  }

  private hold(bytes: Uint8Array): void {
    this.held = appended(this.held, this.kept, bytes);
    this.kept += bytes.length;
  }

  /** How many bytes the parser needs, as far as those that are held can tell. */
  private want(): number {
    const { held, kept, length, version } = this;
    let wanted = length;
    if (this.first >> 4 === PUBLISH) {
      if (kept < 2) wanted = 2;
      else {
        const topicEnd = 2 + held[0] * 256 + held[1] + (((this.first >> 1) & 3) > 0 ? 2 : 0);
        wanted = version < 5 ? topicEnd : this.propertiesEnd(topicEnd);
      }
    }
    if (Math.min(wanted, length) > LONGEST_HELD)
      throw new TraceError(
        `a control packet has ${wanted} bytes before any payload, more than the limit of ${LONGEST_HELD}`,
      );
    return Math.min(wanted, length);
  }

  /** Where the properties end that begin at `from` with their length, or as far as that must be known first. */
  private propertiesEnd(from: number): number {
    let length = 0;
    for (let at = from, weight = 1; at < from + 4; at++, weight *= 128) {
      if (at >= this.kept) return at + 1;
      length += (this.held[at] & 127) * weight;
      if (this.held[at] < 128) return at + 1 + length;
    }
    return from + 4;
  }

  private complete(): void {
    const { first, kept, length } = this;
    this.first = -1;
    const packet = this.parse(
      withHeader(first, this.held.subarray(0, kept)),
      this.version,
      length,
      length - kept,
    );
    if (packet.type === "connect") this.version = packet.version;
    if (this.held.length > 4096) this.held = new Uint8Array(64);
    this.found(packet);
  }
}

function withHeader(first: number, rest: Uint8Array): Uint8Array {
  const header = [first];
  let length = rest.length;
  do {
    header.push((length & 127) | (length > 127 ? 128 : 0));
    length >>>= 7;
  } while (length > 0);
  const whole = new Uint8Array(header.length + rest.length);
  whole.set(header);
  whole.set(rest, header.length);
  return whole;
}
