/**
 * One direction of a TCP connection in order: what came twice is left out, what came early waits for what is missing.
 * Numbers are those of the sequence space modulo 2^32 (RFC 9293 section 3.4).
 */

export interface StreamSink {
  /** The next bytes; not kept. */
  bytes(bytes: Uint8Array): void;
  /** So many bytes are not in the capture. */
  missing(length: number): void;
}

/** Bytes that may wait for those before them. */
const MOST_WAITING = 1 << 22;

interface Piece {
  readonly sequence: number;
  /** What was captured. */
  readonly bytes: Uint8Array;
  /** Bytes that it had. */
  readonly length: number;
}

export class ByteStream {
  private readonly sink: StreamSink;
  /** Sequence number of the next byte; undefined until one is known. */
  private next: number | undefined;
  private waiting: Piece[] = [];
  private waitingBytes = 0;

  constructor(sink: StreamSink) {
    this.sink = sink;
  }

  /** SYN: the first byte follows. */
  begin(sequence: number): void {
    this.next ??= (sequence + 1) >>> 0;
  }

  /** Whether all before `sequence` was there. */
  reached(sequence: number): boolean {
    return this.next !== undefined && distance(this.next, sequence) <= 0;
  }

  take(sequence: number, bytes: Uint8Array, length: number): void {
    if (length === 0) return;
    this.next ??= sequence;
    const ahead = distance(this.next, sequence);
    if (ahead > 0) {
      this.waiting.push({ sequence, bytes: bytes.slice(0, length), length });
      this.waiting.sort((a, b) => distance(b.sequence, a.sequence));
      this.waitingBytes += length;
      if (this.waitingBytes > MOST_WAITING) this.skipTo(this.waiting[0].sequence);
    } else this.give({ sequence, bytes, length });
    this.drain();
  }

  /** The receiver has all before `sequence`: what is missing of it will not come any more. */
  acknowledged(sequence: number): void {
    while (this.next !== undefined && this.waiting.length > 0) {
      const { sequence: first } = this.waiting[0];
      if (distance(first, sequence) <= 0) return;
      this.skipTo(first);
      this.drain();
    }
  }

  /** The connection has ended: what waits comes now, behind gaps. */
  end(): void {
    while (this.waiting.length > 0) {
      this.skipTo(this.waiting[0].sequence);
      this.drain();
    }
  }

  private drain(): void {
    while (this.waiting.length > 0 && distance(this.next ?? 0, this.waiting[0].sequence) <= 0) {
      const piece = this.waiting.shift() as Piece;
      this.waitingBytes -= piece.length;
      this.give(piece);
    }
  }

  /** What is new of a piece that does not begin behind `next`. */
  private give({ sequence, bytes, length }: Piece): void {
    const known = -distance(this.next ?? sequence, sequence);
    if (known >= length) return;
    const captured = bytes.subarray(Math.min(known, bytes.length), length);
    if (captured.length > 0) this.sink.bytes(captured);
    const cut = length - known - captured.length;
    if (cut > 0) this.sink.missing(cut);
    this.next = (sequence + length) >>> 0;
  }

  private skipTo(sequence: number): void {
    const gap = distance(this.next ?? sequence, sequence);
    if (gap <= 0) return;
    this.next = sequence;
    this.sink.missing(gap);
  }
}

/** How far b lies behind a, -2^31 .. 2^31 - 1. */
const distance = (a: number, b: number): number => (b - a) | 0;
