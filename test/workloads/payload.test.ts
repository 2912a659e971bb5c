import { expect, test } from "vitest";
import { packetLength, publishRemaining } from "../../src/workloads/mqtt/packets.ts";
import { readingBounds, readingLength } from "../../src/workloads/mqtt/payload.ts";
import { Random } from "../../src/workloads/random.ts";

const lengths = (encoding: "json" | "xml" | "binary", fields: number): number[] => {
  const random = new Random(1);
  return Array.from({ length: 5000 }, () => readingLength(random, encoding, fields));
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test.each(["json", "xml", "binary"] as const)("%s readings stay within their bounds", (encoding) => {
  for (const fields of [1, 6, 40]) {
    const { shortest, longest } = readingBounds(encoding, fields);
    const found = lengths(encoding, fields);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(shortest);
    expect(Math.max(...found)).toBeLessThanOrEqual(longest);
    expect(new Set(found).size).toBeGreaterThan(fields === 1 && encoding === "binary" ? 3 : 10);
  }
});

test("the shortest reading of one field is what its text says", () => {
  expect(readingBounds("json", 1)).toEqual({
    shortest: '{"ab":1}'.length,
    longest: '{"abcdefghijkl":12345678}'.length,
  });
  expect(readingBounds("xml", 1)).toEqual({
    shortest: "<reading><ab>1</ab></reading>".length,
    longest: "<reading><abcdefghijkl>12345678</abcdefghijkl></reading>".length,
  });
});

test("XML takes about one and a half times the bytes of JSON, binary a third", () => {
  const json = mean(lengths("json", 6));
  expect(mean(lengths("xml", 6)) / json).toBeGreaterThan(1.4);
  expect(mean(lengths("xml", 6)) / json).toBeLessThan(1.8);
  expect(mean(lengths("binary", 6)) / json).toBeGreaterThan(0.25);
  expect(mean(lengths("binary", 6)) / json).toBeLessThan(0.4);
});

test("packets are as long as the specification says (sections 2.2.3 and 3.3)", () => {
  expect(
    [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152].map(
      (remaining) => packetLength(remaining) - remaining,
    ),
  ).toEqual([2, 2, 3, 3, 4, 4, 5]);
  expect(publishRemaining({ topic: "a/b", length: 10 }, 0)).toBe(2 + 3 + 10);
  expect(publishRemaining({ topic: "a/b", length: 10 }, 1)).toBe(2 + 3 + 2 + 10);
});
