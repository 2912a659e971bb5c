/** Control packets that the broker sends, and their lengths (MQTT 3.1.1 chapters 2 and 3). */

/** Control packets that a server sends (section 2.2.1). */
export type PacketType = "CONNACK" | "PUBLISH" | "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "SUBACK";

export interface Packet {
  readonly type: PacketType;
  /** Packet Identifier (section 2.3.1); 0 without one. */
  readonly identifier: number;
  /** PUBLISH only. */
  readonly qos?: number;
  /** CONNACK only: Session Present (section 3.2.2.2). */
  readonly sessionPresent?: boolean;
}

/** Fixed header and the rest: one byte of type and flags, 1 to 4 bytes of Remaining Length (section 2.2.3). */
export function packetLength(remaining: number): number {
  return 1 + (remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4) + remaining;
}

/** Remaining Length of a PUBLISH (section 3.3): topic with its length, Packet Identifier above QoS 0, payload. */
export function publishRemaining(
  message: { readonly topic: string; readonly length: number },
  qos: number,
): number {
  return 2 + message.topic.length + (qos > 0 ? 2 : 0) + message.length;
}
