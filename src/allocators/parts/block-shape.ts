/**
 * Blocks of a header and a payload, laid so that payloads are aligned:
 *
 *   block  = [start, start + length), payload = start + header, a multiple of the alignment
 *   length = header + max(bytes, 1), rounded up to the alignment
 *
 * So one block may follow another at once. The first may start at `origin`; what is below it is set aside.
 */
import type { IntegerOption } from "../../options/options.ts";
import { type Address, Control, type Space } from "../../space/space.ts";
import { roundUp } from "../contract.ts";

/** The options of policies whose blocks are of this shape. */
export const SHAPE_OPTIONS = {
  header: {
    type: "integer",
    default: 8,
    min: 0,
    max: 64,
    unit: "bytes",
    about: "bytes before each payload, rounded up to a multiple of 4",
  },
  alignment: {
    type: "integer",
    default: 8,
    min: 4,
    max: 4096,
    unit: "bytes",
    powerOfTwo: true,
    about: "payload addresses and block lengths are multiples of it",
  },
} as const satisfies Record<string, IntegerOption>;

/** The largest granule of which every one of `bytes` is a multiple: 16, 8 or 4. */
export function granuleFor(...bytes: readonly number[]): number {
  return [16, 8].find((granule) => bytes.every((each) => each % granule === 0)) ?? 4;
}

export class BlockShape {
  readonly header: number;
  readonly alignment: number;
  readonly origin: Address;

  constructor(header: number, alignment: number) {
    this.header = roundUp(header, 4);
    this.alignment = alignment;
    this.origin = roundUp(this.header, alignment) - this.header;
  }

  get granule(): number {
    return granuleFor(this.header, this.alignment);
  }

  /** Sets aside what lies below the origin. Once, before any other change of the space. */
  begin(space: Space): void {
    const unused = Math.min(this.origin, space.limit);
    if (unused === 0) return;
    if (space.grows) space.extend(unused);
    space.reserve(0, unused, Control.unused);
  }

  /** Bytes of a block. */
  length(bytes: number): number {
    return roundUp(this.header + Math.max(bytes, 1), this.alignment);
  }

  /** The lowest start at or above `lowest`, itself one, at which the payload is a multiple of `align`. */
  start(lowest: Address, align: number): Address {
    return align <= this.alignment ? lowest : roundUp(lowest + this.header, align) - this.header;
  }
}
