/** Lengths of one reading of a device, the same fields in three encodings: `{"temperature":21.5,...}` and its like. */
import type { Random } from "../random.ts";

export type Encoding = "json" | "xml" | "binary";

/** Characters of a field's name and of its value as text. */
const NAME = [2, 12] as const;
const VALUE = [1, 8] as const;
/** Bytes of a field's value in binary; one byte of tag comes before it. */
const WIDTHS = [1, 2, 4, 8] as const;
/** `<reading>` and `</reading>`. */
const XML_ROOT = 19;
/** Version, kind and a two-byte sequence number. */
const BINARY_HEADER = 4;

/** Bytes of a reading with `fields` fields on average. */
export function readingLength(random: Random, encoding: Encoding, fields: number): number {
  const count = fieldCount(random, fields);
  let length = encoding === "xml" ? XML_ROOT : encoding === "binary" ? BINARY_HEADER : 2 + count - 1;
  for (let i = 0; i < count; i++) {
    const name = random.between(...NAME);
    const value = random.between(...VALUE);
    if (encoding === "xml") length += 2 * name + "<></>".length + value;
    else if (encoding === "json") length += name + '"":'.length + value;
    else length += 1 + random.pick(WIDTHS);
  }
  return length;
}

/** The shortest and the longest reading that `readingLength` can give. */
export function readingBounds(encoding: Encoding, fields: number): { shortest: number; longest: number } {
  const most = 2 * fields - 1;
  switch (encoding) {
    case "json":
      return { shortest: 1 + (1 + NAME[0] + 3 + VALUE[0]), longest: 1 + most * (1 + NAME[1] + 3 + VALUE[1]) };
    case "xml":
      return {
        shortest: XML_ROOT + 2 * NAME[0] + 5 + VALUE[0],
        longest: XML_ROOT + most * (2 * NAME[1] + 5 + VALUE[1]),
      };
    case "binary":
      return { shortest: BINARY_HEADER + 2, longest: BINARY_HEADER + most * 9 };
  }
}

/** 1 .. 2 * fields - 1, the middle likelier than the ends: the sum of two draws. */
const fieldCount = (random: Random, fields: number): number =>
  1 + random.below(fields) + random.below(fields);
