/**
 * CRC-32 as in gzip and PNG (polynomial 0xedb88320 reflected; RFC 1952, section 8), four bytes at a step (Sarwate's tables,
 * "slicing" as in Kounavis and Berry, A Systematic Approach to Building High Performance Software-based CRC Generators).
 */

/** By byte: what it does to the checksum when 0, 1, 2 or 3 bytes follow it. */
const TABLES = [0, 1, 2, 3].map(() => new Int32Array(256));
const [LAST, THIRD, SECOND, FIRST] = TABLES;
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  LAST[byte] = crc;
}
for (const [i, table] of TABLES.entries())
  if (i > 0)
    for (let byte = 0; byte < 256; byte++) {
      const crc = TABLES[i - 1][byte];
      table[byte] = LAST[crc & 0xff] ^ (crc >>> 8);
    }

/** Unsigned. */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      FIRST[crc & 0xff] ^ SECOND[(crc >>> 8) & 0xff] ^ THIRD[(crc >>> 16) & 0xff] ^ LAST[(crc >>> 24) & 0xff];
  }
  for (; i < to; i++) crc = LAST[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
