/**
 * Packets on their way to one client (lib/packet_mosq.c). On TCP a packet is written at once and freed, unless the
 * system takes no more for this client; over WebSocket it waits for libwebsockets to ask for it. What was seen on the
 * wire tells when: from then on the system has room again.
 */
import type { PacketType } from "../mqtt/control-packet.ts";
import { type Memory, SIZES } from "./memory.ts";
import { varintLength } from "./properties.ts";

/** Room for a WebSocket's frame header that each packet has in front: LWS_PRE of libwebsockets 4. */
const FRAME_ROOM = 16;

const MOST_OVERTAKEN = 16;

interface Packet {
  readonly type: PacketType;
  /** Remaining Length. */
  readonly length: number;
  /** Buffer and structure; empty when it was written. */
  blocks: readonly number[];
}

export class Outbox {
  private readonly memory: Memory;
  private readonly webSocket: boolean;
  private readonly room: number;
  /** Not seen on the wire yet, oldest first; the first `written` of them are the system's. */
  private packets: Packet[] = [];
  private written = 0;
  private writtenBytes = 0;

  constructor(memory: Memory, webSocket: boolean, room: number) {
    this.memory = memory;
    this.webSocket = webSocket;
    this.room = room;
  }

  /** Packets that wait in the broker. */
  get waiting(): number {
    return this.packets.length - this.written;
  }

  send(type: PacketType, length: number): void {
    const { memory, packets } = this;
    const structure = memory.calloc("packetOut", SIZES.packet);
    const bytes = memory.malloc("packetOutBytes", wholeLength(length) + FRAME_ROOM);
    packets.push({ type, length, blocks: [bytes, structure] });
    if (!this.webSocket) this.write();
  }

  /** A packet was seen on the wire. False when it is none of those that are on their way. */
  seen(type: PacketType, length: number): boolean {
    const { packets } = this;
    const at = packets.findIndex((packet) => packet.type === type && packet.length === length);
    if (at < 0) return false;
    // The broker may have taken packets of two clients in another order than the log: a few may be overtaken.
    const overtaken = Math.max(0, at - MOST_OVERTAKEN);
    for (const packet of [...packets.splice(at, 1), ...packets.splice(0, overtaken)]) this.passed(packet);
    if (!this.webSocket) this.write();
    return true;
  }

  /** The connection has ended; what waited is lost. */
  close(): void {
    for (const packet of this.packets) this.memory.freeAll(packet.blocks);
    this.packets = [];
    this.written = this.writtenBytes = 0;
  }

  private passed(packet: Packet): void {
    if (packet.blocks.length === 0) {
      this.written--;
      this.writtenBytes -= wholeLength(packet.length);
    } else this.memory.freeAll(packet.blocks);
  }

  /** As much as the system has room for; one packet always. */
  private write(): void {
    for (;;) {
      const packet = this.packets[this.written];
      if (!packet) return;
      const bytes = wholeLength(packet.length);
      if (this.written > 0 && this.writtenBytes + bytes > this.room) return;
      this.memory.freeAll(packet.blocks);
      packet.blocks = [];
      this.written++;
      this.writtenBytes += bytes;
    }
  }
}

const wholeLength = (remaining: number): number => 1 + varintLength(remaining) + remaining;
