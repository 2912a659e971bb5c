/**
 * One direction of a WebSocket (RFC 6455): behind the HTTP handshake, the payloads of its binary frames in order.
 * Masks are taken off; pings, pongs and the closing handshake carry no MQTT. Extensions are not read: a frame that
 * uses one (compression) is an error that says so.
 */
import { TraceError } from "../trace.ts";

/** Longest handshake: enough for any header that servers take. */
const LONGEST_HANDSHAKE = 64 * 1024;

const CONTINUATION = 0;
const BINARY = 2;

export class WebSocketStream {
  private readonly found: (bytes: Uint8Array) => void;
  private readonly shaken: () => void;
  /** The handshake so far, as Latin-1; undefined when it is over. */
  private handshake: string | undefined = "";
  /** The frame's header so far: two bytes, the longer length, the mask (section 5.2). */
  private readonly header = new Uint8Array(14);
  private headerKept = 0;
  /** Bytes of the frame's payload that are still to come; -1 within a header. */
  private remaining = -1;
  private readonly mask = new Uint8Array(4);
  private maskAt = 0;
  /** Whether the message is binary, and whether this frame is a part of it. */
  private binary = false;
  private wanted = false;

  /** `shaken` is called when the handshake is over. */
  constructor(found: (bytes: Uint8Array) => void, shaken: () => void = () => {}) {
    this.found = found;
    this.shaken = shaken;
  }

  push(bytes: Uint8Array): void {
    let at = this.handshake === undefined ? 0 : this.shake(bytes);
    while (at < bytes.length) {
      if (this.remaining < 0) at += this.readHeader(bytes.subarray(at));
      else {
        // A copy, also where the bytes are a Buffer, whose `slice` is none.
        const payload = new Uint8Array(bytes.subarray(at, at + this.remaining));
        at += payload.length;
        this.remaining -= payload.length;
        for (let i = 0; i < payload.length; i++) payload[i] ^= this.mask[this.maskAt++ & 3];
        if (this.remaining === 0) this.remaining = -1;
        if (this.wanted && payload.length > 0) this.found(payload);
      }
    }
  }

  /** The number of bytes that belong to the handshake. */
  private shake(bytes: Uint8Array): number {
    const before = this.handshake ?? "";
    const text =
      before + Array.from(bytes.subarray(0, LONGEST_HANDSHAKE), (byte) => String.fromCharCode(byte)).join("");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      if (text.length > LONGEST_HANDSHAKE)
        throw new TraceError(`a WebSocket's handshake is longer than ${LONGEST_HANDSHAKE} bytes`);
      this.handshake = text;
      return bytes.length;
    }
    if (/^HTTP\/\S+ (?!101\b)/.test(text))
      throw new TraceError(`no WebSocket: ${text.slice(0, text.indexOf("\r"))}`);
    if (!/\r\nupgrade: *websocket/i.test(text))
      throw new TraceError("no WebSocket: HTTP without an upgrade to it");
    this.handshake = undefined;
    this.shaken();
    return end + 4 - before.length;
  }

  /** The number of bytes that belong to the header. */
  private readHeader(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      this.header[this.headerKept++] = bytes[at++];
      if (this.headerKept === headerLength(this.header, this.headerKept)) {
        this.begin();
        break;
      }
    }
    return at;
  }

  private begin(): void {
    const { header, headerKept } = this;
    const view = new DataView(header.buffer);
    const masked = header[1] > 127;
    const code = header[1] & 127;
    if ((header[0] & 0x70) !== 0)
      throw new TraceError("a WebSocket's frame is compressed or otherwise extended");
    const length = code < 126 ? code : code === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    this.mask.set(masked ? header.subarray(headerKept - 4, headerKept) : [0, 0, 0, 0]);
    this.maskAt = 0;
    this.headerKept = 0;
    this.remaining = length === 0 ? -1 : length;
    const opcode = header[0] & 15;
    // A control frame may stand between the fragments of a message, which then goes on.
    if (opcode < 8 && opcode !== CONTINUATION) this.binary = opcode === BINARY;
    this.wanted = opcode < 8 && this.binary;
  }
}

/** Bytes of the header, as far as the first `kept` of them tell. */
function headerLength(header: Uint8Array, kept: number): number {
  if (kept < 2) return 2;
  const code = header[1] & 127;
  return 2 + (code === 126 ? 2 : code === 127 ? 8 : 0) + (header[1] > 127 ? 4 : 0);
}
