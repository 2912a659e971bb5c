/**
 * A table of fixed pools as text, and how an arena is divided among them:
 *
 *   pools  = SIZE[xCOUNT]/SIZE[xCOUNT]/..., sizes ascending; a block = header + SIZE bytes
 *   counts = as given; what is left is shared by the pools without a count, equal bytes each, the largest first,
 *            so that what one of them cannot use goes to the smaller ones
 */
import { OptionError, type TextOption } from "../../options/options.ts";
import { roundUp } from "../contract.ts";

export const POOL_TABLE = {
  type: "text",
  default: "16/32/64/128/256/512/1024/2048/4096/8192",
  pattern: "[1-9][0-9]{0,7}(x[0-9]{1,7})?(/[1-9][0-9]{0,7}(x[0-9]{1,7})?)*",
  form: "SIZE[xCOUNT]/SIZE[xCOUNT]/..., in bytes, such as 32x100/128",
  about: "payload sizes of the pools, and how many blocks each has",
} as const satisfies TextOption;

export interface Pool {
  /** Most bytes of a payload. */
  readonly size: number;
  /** Bytes from one block to the next. */
  readonly length: number;
  /** Blocks, where the table gives them. */
  readonly count: number | undefined;
}

/** Reads the table. `header` bytes, rounded up to a multiple of 4, come before each payload. */
export function readPools(text: string, header: number): readonly Pool[] {
  let below = 0;
  return text.split("/").map((entry) => {
    const [size, count] = entry.split("x").map(Number);
    if (size % 4 !== 0 || size <= below)
      throw new OptionError(`policy pool: pools is "${text}"; sizes must ascend and be multiples of 4`);
    below = size;
    return { size, length: roundUp(header, 4) + size, count };
  });
}

/** Blocks of each pool in an arena of `room` bytes; without an arena only those that the table gives. */
export function divide(pools: readonly Pool[], room: number | undefined): readonly number[] {
  const counts = pools.map(({ count }) => count ?? 0);
  if (room === undefined) return counts;
  const given = pools.reduce((sum, { length }, kind) => sum + counts[kind] * length, 0);
  if (given > room)
    throw new OptionError(`policy pool: its pools take ${given} bytes, the arena has ${room}`);
  let rest = room - given;
  let open = pools.filter(({ count }) => count === undefined).length;
  for (let kind = pools.length - 1; kind >= 0; kind--) {
    if (pools[kind].count !== undefined) continue;
    counts[kind] = Math.floor(rest / open-- / pools[kind].length);
    rest -= counts[kind] * pools[kind].length;
  }
  return counts;
}
