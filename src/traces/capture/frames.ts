/**
 * Frames out of a capture file, cut anywhere: pcap (https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/) of either
 * byte order, with micro- or nanoseconds, and pcapng (draft-ietf-opsawg-pcapng) with its sections and interfaces.
 */
import { appended } from "../appended.ts";
import { TraceError } from "../trace.ts";

export interface Frame {
  /** Microseconds since 1970. */
  readonly time: number;
  /** LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). */
  readonly link: number;
  /** What was captured of it; not kept. */
  readonly bytes: Uint8Array;
  /** Bytes that it had on the wire. */
  readonly length: number;
}

/** Longest frame or block that is taken for one: tcpdump's own limit is 256 KiB. */
const LONGEST = 1 << 24;

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
/** Magic numbers of pcap by their time's unit: parts of a microsecond. */
const PCAP = new Map([
  [0xa1b2c3d4, 1],
  [0xa1b23c4d, 1000],
]);
/** Option if_tsresol: 10 or, with the high bit, 2 to the power of minus its value. */
const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

export const isCapture = (head: Uint8Array): boolean => {
  if (head.length < 24) return false;
  const view = new DataView(head.buffer, head.byteOffset);
  const first = view.getUint32(0);
  if (first === SECTION) return [true, false].some((little) => view.getUint32(8, little) === BYTE_ORDER);
  return [true, false].some((little) => PCAP.has(view.getUint32(0, little)));
};

interface Interface {
  readonly link: number;
  /** Units of its times in a microsecond. */
  readonly perMicrosecond: number;
  /** Microseconds. */
  readonly offset: number;
  readonly snapLength: number;
}

export class Frames {
  private readonly found: (frame: Frame) => void;
  private kind: "unknown" | "pcap" | "pcapng" = "unknown";
  private little = true;
  /** Of pcap there is one. */
  private interfaces: Interface[] = [];
  /** What has come of a record: held[0 .. kept - 1], in the file from `offset` on. */
  private held = new Uint8Array(1 << 16);
  private kept = 0;
  private offset = 0;

  constructor(found: (frame: Frame) => void) {
    this.found = found;
  }

  push(bytes: Uint8Array): void {
    this.hold(bytes);
    let at = 0;
    for (;;) {
      const length = this.recordLength(at);
      if (length === undefined || at + length > this.kept) break;
      this.record(at, length);
      at += length;
    }
    this.held.copyWithin(0, at, this.kept);
    this.kept -= at;
    this.offset += at;
  }

  /** Bytes of a record whose end is missing. */
  get unfinished(): number {
    return this.kept;
  }

  private hold(bytes: Uint8Array): void {
    this.held = appended(this.held, this.kept, bytes);
    this.kept += bytes.length;
  }

  private view(at: number): DataView {
    return new DataView(this.held.buffer, at, this.kept - at);
  }

  /** Bytes of the record at `at`; undefined as long as they cannot be told. */
  private recordLength(at: number): number | undefined {
    const there = this.kept - at;
    if (this.kind === "unknown") {
      if (there < 24) return undefined;
      if (this.view(at).getUint32(0) !== SECTION) return 24;
      this.kind = "pcapng";
    }
    if (there < 16) return undefined;
    const view = this.view(at);
    if (this.kind === "pcap") return this.checked(at, 16 + view.getUint32(8, this.little), 16);
    if (view.getUint32(0) === SECTION) this.little = view.getUint32(8, true) === BYTE_ORDER;
    const length = view.getUint32(4, this.little);
    if (length % 4 !== 0) this.fail(at, `a block of ${length} bytes, which is no multiple of 4`);
    return this.checked(at, length, 12);
  }

  private checked(at: number, length: number, least: number): number {
    if (length < least || length > LONGEST) this.fail(at, `a record of ${length} bytes`);
    return length;
  }

  private record(at: number, length: number): void {
    const view = new DataView(this.held.buffer, at, length);
    if (this.kind === "unknown") this.begin(view);
    else if (this.kind === "pcap") {
      const { perMicrosecond } = this.interfaces[0];
      const time = view.getUint32(0, this.little) * 1e6 + view.getUint32(4, this.little) / perMicrosecond;
      this.give(0, time, at + 16, length - 16, view.getUint32(12, this.little));
    } else this.block(at, view, length);
  }

  private begin(view: DataView): void {
    this.little = PCAP.has(view.getUint32(0, true));
    const perMicrosecond = PCAP.get(view.getUint32(0, this.little));
    if (perMicrosecond === undefined) this.fail(0, "neither pcap nor pcapng");
    this.kind = "pcap";
    // The upper bits say how frames are checked, not what they are.
    const link = view.getUint32(20, this.little) & 0xffff;
    this.interfaces = [{ link, perMicrosecond, offset: 0, snapLength: LONGEST }];
  }

  private block(at: number, view: DataView, length: number): void {
    const { little } = this;
    const type = view.getUint32(0, little);
    if (type === SECTION) this.interfaces = [];
    else if (type === INTERFACE && length >= 20) this.interfaces.push(this.interface(view, length));
    else if (type === ENHANCED_PACKET && length >= 32) {
      const id = view.getUint32(8, little);
      const unit = this.interfaces[id];
      if (!unit) this.fail(at, `a frame of interface ${id}, which is not described`);
      const time = (view.getUint32(12, little) * 2 ** 32 + view.getUint32(16, little)) / unit.perMicrosecond;
      const captured = view.getUint32(20, little);
      if (captured > length - 32) this.fail(at, `a frame of ${captured} bytes in a block of ${length}`);
      this.give(id, time + unit.offset, at + 28, captured, view.getUint32(24, little));
    } else if (type === SIMPLE_PACKET && length >= 16) {
      // It has no time: that of the frame before stands for it.
      const original = view.getUint32(8, little);
      if (!this.interfaces[0]) this.fail(at, "a frame before any interface is described");
      const captured = Math.min(original, this.interfaces[0].snapLength, length - 16);
      this.give(0, 0, at + 12, captured, original);
    }
  }

  private interface(view: DataView, length: number): Interface {
    const { little } = this;
    let perMicrosecond = 1;
    let offset = 0;
    for (let at = 16; at + 4 <= length - 4; ) {
      const code = view.getUint16(at, little);
      const bytes = view.getUint16(at + 2, little);
      if (code === 0 || at + 4 + bytes > length - 4) break;
      if (code === TIME_RESOLUTION && bytes === 1) {
        const power = view.getUint8(at + 4);
        perMicrosecond = (power > 127 ? 2 ** (power & 127) : 10 ** power) / 1e6;
      } else if (code === TIME_OFFSET && bytes === 8) offset = Number(view.getBigInt64(at + 4, little)) * 1e6;
      at += 4 + bytes + (-bytes & 3);
    }
    const snapLength = view.getUint32(12, little) || LONGEST;
    return { link: view.getUint16(8, little), perMicrosecond, offset, snapLength };
  }

  private give(id: number, time: number, at: number, captured: number, length: number): void {
    this.found({
      time,
      link: this.interfaces[id].link,
      bytes: this.held.subarray(at, at + captured),
      length,
    });
  }

  private fail(at: number, what: string): never {
    throw new TraceError(`at byte ${this.offset + at}: ${what}`);
  }
}
