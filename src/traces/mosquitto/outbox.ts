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
  /** Not seen on the wire yet, oldest first: packets[from ..]; the first `written` of them are the system's. */
  private packets: Packet[] = [];
  private from = 0;
  private written = 0;
  private writtenBytes = 0;

  constructor(memory: Memory, webSocket: boolean, room: number) {
    this.memory = memory;
    this.webSocket = webSocket;
    this.room = room;
  }

  /** Packets that wait in the broker. */
  get waiting(): number {
    return this.packets.length - this.from - this.written;
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
    const { packets, from } = this;
    const at = packets.findIndex(
      (packet, i) => i >= from && packet.type === type && packet.length === length,
    );
    if (at < 0) return false;
    for (let i = from; i <= at; i++) this.passed(packets[i]);
    this.from = at + 1;
    if (this.from > 64 && this.from * 2 > packets.length) {
      this.packets = packets.slice(this.from);
      this.from = 0;
    }
    if (!this.webSocket) this.write();
    return true;
  }

  /** The connection has ended; what waited is lost. */
  close(): void {
    for (const packet of this.packets.slice(this.from)) this.memory.freeAll(packet.blocks);
    this.packets = [];
    this.from = this.written = this.writtenBytes = 0;
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
      const packet = this.packets[this.from + this.written];
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
