/** A policy in a file: a bump allocator with a header that a test may change. */
export const WITH_HEADER = `import { definePolicy, type Address, REFUSED, roundUp, type Space } from "heapscape";

const HEADER = 8;

export default definePolicy({
  name: "mine", family: "regions", summary: "Never frees.", source: "a test", departs: "", kind: "allocator",
  coalesces: () => "never" as const,
  options: {},
  granule: () => 8,
  reasons: {},
  create(space: Space) {
    const top = space.columns.float64(1);
    const lengths = space.columns.float64(4096);
    const lengthOf = (bytes: number): number => roundUp(bytes + HEADER, 8);
    return {
      allocate(bytes: number): Address {
        const start = top.data[0];
        const length = lengthOf(bytes);
        if (start + length > space.segmentEnd(space.heap)) return REFUSED;
        top.data[0] += length;
        lengths.data[start / 8] = length;
        return start + 8;
      },
      free(): void {},
      reallocate(_address: Address, bytes: number): Address {
        return this.allocate(bytes);
      },
      need: lengthOf,
      blockStart: (address: Address) => address - 8,
      blockLength: (address: Address) => lengths.data[(address - 8) / 8],
    };
  },
});
`;
