/** MQTT 5 properties in the broker's memory (lib/property_mosq.c): a structure each, and its texts. */
import type { Property } from "../mqtt/control-packet.ts";
import { type Memory, SIZES } from "./memory.ts";

/** Properties whose value is a text or binary data (MQTT 5.0 section 2.2.2.2). */
const TEXTS = new Set([
  "contentType",
  "responseTopic",
  "correlationData",
  "assignedClientIdentifier",
  "authenticationMethod",
  "authenticationData",
  "responseInformation",
  "serverReference",
  "reasonString",
]);

/** Of a PUBLISH, those that stay with the message. */
export const KEPT_WITH_MESSAGE = new Set([
  "contentType",
  "correlationData",
  "payloadFormatIndicator",
  "responseTopic",
  "userProperties",
]);

/** What a property takes on the wire, its identifier included, in bytes. */
export function wireLength({ name, value, second }: Property): number {
  if (second !== undefined) return 1 + 2 + value + 2 + second;
  if (TEXTS.has(name)) return 1 + 2 + value;
  if (name === "subscriptionIdentifier") return 1 + varintLength(value);
  if (name.endsWith("Interval") || name === "maximumPacketSize") return 1 + 4;
  return (
    1 + (name === "receiveMaximum" || name.startsWith("topicAlias") || name === "serverKeepAlive" ? 2 : 1)
  );
}

/** Bytes of a Variable Byte Integer (section 1.5.5). */
export const varintLength = (value: number): number =>
  value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

/** All of the properties with their length in front, in bytes. */
export function sectionLength(properties: readonly Property[]): number {
  const bytes = properties.reduce((sum, property) => sum + wireLength(property), 0);
  return varintLength(bytes) + bytes;
}

/** Blocks of one property, in the order in which they are freed. `spare` is 1 where texts end in a zero byte. */
function allocate(memory: Memory, { name, value, second }: Property, spare: number): number[] {
  const structure = memory.calloc("property", SIZES.property);
  const texts: number[] = [];
  const lengths = second !== undefined ? [value, second] : TEXTS.has(name) ? [value] : [];
  for (const length of lengths) if (length > 0) texts.push(memory.malloc("property", length + spare));
  return [...texts, structure];
}

/** Properties of a packet as they are read: those that `keeps` names are returned, the others are freed. */
export function readProperties(
  memory: Memory,
  properties: readonly Property[],
  keeps: (name: string) => boolean,
): number[] {
  const blocks = properties.map((property) => ({ property, ids: allocate(memory, property, 1) }));
  for (const { property, ids } of blocks) if (!keeps(property.name)) memory.freeAll(ids);
  return blocks.filter(({ property }) => keeps(property.name)).flatMap(({ ids }) => ids);
}

/** Properties that the broker adds to a packet of its own. */
export const addProperties = (memory: Memory, properties: readonly Property[]): number[] =>
  properties.flatMap((property) => allocate(memory, property, 1));
