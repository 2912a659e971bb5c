/**
 * Whole numbers from 0 to 2^53 - 1 in as many bytes as they need: 7 bits a byte, the lowest first, the top bit set
 * on all but the last (LEB128; DWARF 5, 7.6). Signed ones in 32 bits are zigzagged before: 0, -1, 1, -2 ...
 */
import { TraceError } from "./trace.ts";

export const zigzag = (signed: number): number => ((signed << 1) ^ (signed >> 31)) >>> 0;
export const unzigzag = (unsigned: number): number => (unsigned >>> 1) ^ -(unsigned & 1);

/** The same from -2^52 to 2^52 - 1. */
export const zigzagWide = (signed: number): number => (signed < 0 ? -2 * signed - 1 : 2 * signed);
export const unzigzagWide = (unsigned: number): number =>
  unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;

/** Bytes that grow while they are written. `bytes[0 .. length - 1]` have been. */
export class VarintWriter {
  #bytes = new Uint8Array(1024);
  length = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  number(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.length;
    let rest = value;
    // Bits are only taken from what fits 32 of them.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = rest | 0x80;
    bytes[at++] = rest;
    this.length = at;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** As they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Bytes in UTF-8, then those. */
  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.number(bytes.length);
    this.raw(bytes);
  }

  /** Empties it; what `bytes` gave before is overwritten from now on. */
  clear(): void {
    this.length = 0;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + more));
    longer.set(this.bytes);
    this.#bytes = longer;
  }
}

/** Reads them back from a range of bytes. What goes beyond it throws TraceError `WHAT ends early`. */
export class VarintReader {
  private readonly bytes: Uint8Array;
  private readonly what: string;
  /** The next byte that is read. */
  at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.what = what;
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  number(): number {
    const byte = this.bytes[this.at];
    if (byte < 0x80) {
      this.at++;
      return byte;
    }
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new TraceError(`${this.what} holds a number beyond 2^53 - 1`);
  }

  byte(): number {
    if (this.at === this.bytes.length) throw new TraceError(`${this.what} ends early`);
    return this.bytes[this.at++];
  }

  /** The next `length` bytes, not copied. */
  raw(length: number): Uint8Array {
    if (length > this.left) throw new TraceError(`${this.what} ends early`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return new TextDecoder().decode(this.raw(this.number()));
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left > 0) throw new TraceError(`${this.what} is too long: bytes left: ${this.left}`);
  }
}
