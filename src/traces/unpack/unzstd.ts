/**
 * Takes zstd off a stream (RFC 8878) with fzstd, a frame at a time. The frames' heads and blocks are walked here, so that
 * a window is refused before memory is asked for it, and an end that is missing is seen. Checksums are not compared.
 */
import { Decompress } from "fzstd";
import { TraceError } from "../trace.ts";

const MAGIC = 0xfd2fb528;
/** 16 magic numbers, 0x184D2A50 to 5F. */
const isSkippable = (magic: number): boolean => magic >>> 4 === 0x184d2a5;

export const isZstd = (head: Uint8Array): boolean => {
  if (head.length < 4) return false;
  const magic = word(head, 0);
  return magic === MAGIC || isSkippable(magic);
};

/** Bytes of the largest window, 2^25: fzstd moves all of it for each block. Up to -19, zstd's own is 2^23. */
const LARGEST_WINDOW = 2 ** 25;
/**
 * Bytes of windows that may be made or moved: so many, and so many more for each byte that comes out. Blocks of 128 KiB
 * under a window of 8 MiB move 64, those of a writer that flushes every few kilobytes some hundred.
 */
const FREE_MOVES = 2 ** 32;
const MOVES_A_BYTE = 2048;
/** Most bytes that a block unpacks to. */
const LONGEST_BLOCK = 2 ** 17;
/** Of the frame's descriptor. */
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 4;

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;

/** `file` is for messages. */
export async function* unzstd(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const walk = new Frames(file);
  for await (const piece of source) {
    walk.push(piece);
    for (let out = walk.next(); out !== undefined; out = walk.next()) yield* out;
  }
  walk.end();
}

class Frames {
  private readonly file: string;
  /** Bytes that have come and are not used. */
  private held = new Uint8Array(0);
  private frame: Decompress | undefined;
  private out: Uint8Array[] = [];
  /** Bytes to be passed over. */
  private skip = 0;
  private checksum = false;
  private window = 0;
  private moved = 0;
  private came = 0;

  constructor(file: string) {
    this.file = file;
  }

  push(piece: Uint8Array): void {
    const held = new Uint8Array(this.held.length + piece.length);
    held.set(this.held);
    held.set(piece, this.held.length);
    this.held = held;
  }

  /** What comes out of the next block or head; undefined if more must come in before. */
  next(): Uint8Array[] | undefined {
    const skipped = Math.min(this.skip, this.held.length);
    this.held = this.held.subarray(skipped);
    this.skip -= skipped;
    if (this.skip > 0) return undefined;
    return this.frame === undefined ? this.head() : this.block(this.frame);
  }

  end(): void {
    if (this.frame !== undefined || this.skip > 0 || this.held.length > 0)
      throw new TraceError(`${this.file}: the zstd data ends early`);
  }

  private head(): Uint8Array[] | undefined {
    const { held } = this;
    if (held.length < 8) return undefined;
    const magic = word(held, 0);
    if (isSkippable(magic)) {
      this.skip = 8 + word(held, 4);
      return [];
    }
    if (magic !== MAGIC)
      throw new TraceError(`${this.file}: the zstd data is damaged: no frame begins where one must`);
    const descriptor = held[4];
    const single = (descriptor & SINGLE_SEGMENT) !== 0;
    const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
    const sizeAt = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
    const length = sizeAt + sizeBytes;
    if (held.length < length) return undefined;
    let size = sizeBytes === 2 ? 256 : 0;
    for (let i = sizeBytes - 1, scale = 2 ** (8 * i); i >= 0; i--, scale /= 256)
      size += held[sizeAt + i] * scale;
    const window = single ? size : 2 ** (10 + (held[5] >> 3)) * (1 + (held[5] & 7) / 8);
    if (window > LARGEST_WINDOW)
      throw new TraceError(
        `${this.file}: the zstd data needs a window of ${window} bytes, the largest is ${LARGEST_WINDOW}: pack it without --long or --ultra`,
      );
    this.checksum = (descriptor & CHECKSUM) !== 0;
    this.window = window;
    this.move();
    this.frame = new Decompress((data) => {
      this.came += data.length;
      if (data.length > 0) this.out.push(data);
    });
    // fzstd takes a missing checksum for a missing end, and this walk passes over those.
    const copy = held.slice(0, length);
    copy[4] &= ~CHECKSUM;
    this.held = held.subarray(length);
    this.pass(this.frame, copy, false);
    return [];
  }

  private block(frame: Decompress): Uint8Array[] | undefined {
    const { held } = this;
    if (held.length < 3) return undefined;
    const head = held[0] | (held[1] << 8) | (held[2] << 16);
    const isLast = (head & 1) !== 0;
    const isRun = ((head >> 1) & 3) === 1;
    if (head >> 3 > LONGEST_BLOCK) throw this.damaged();
    const length = 3 + (isRun ? 1 : head >> 3);
    if (held.length < length) return undefined;
    this.out = [];
    this.move();
    this.held = held.subarray(length);
    this.pass(frame, held.subarray(0, length), isLast);
    if (isLast) {
      this.frame = undefined;
      this.skip = this.checksum ? 4 : 0;
    }
    return this.out;
  }

  /** Little data can make much work of a large window. */
  private move(): void {
    this.moved += this.window;
    if (this.moved > FREE_MOVES + MOVES_A_BYTE * this.came)
      throw new TraceError(
        `${this.file}: the zstd data is cut into blocks too short for its window of ${this.window} bytes`,
      );
  }

  private pass(frame: Decompress, bytes: Uint8Array, isLast: boolean): void {
    try {
      frame.push(bytes, isLast);
    } catch {
      throw this.damaged();
    }
  }

  private damaged(): TraceError {
    return new TraceError(`${this.file}: the zstd data is damaged`);
  }
}
