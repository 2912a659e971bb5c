/** Values of options, checked while the command line is read. What they throw is told as it is. */
import type { Shard } from "../engine/sweep/store.ts";
import { heapBytes } from "../options/heap.ts";
import { parseSize } from "../options/size.ts";
import { MOST_EVENTS } from "../traces/repeat.ts";

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `SIZE|grow|1.5x[,2x...]`, as texts. */
export function parseHeaps(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(",").map(parseHeap)];
}

export function parseHeap(value: string): string {
  heapBytes(value, 0);
  return value;
}

export function parseSeed(value: string): number {
  const seed = Number(value);
  if (!/^\d+$/.test(value) || seed > 0xffffffff)
    throw new Error(`the seed is "${value}"; it must be a whole number from 0 to ${0xffffffff}`);
  return seed;
}

export function parseEvent(value: string): number {
  const event = Number(value);
  if (!/^\d+$/.test(value) || event > MOST_EVENTS)
    throw new Error(`the event is "${value}"; it must be a whole number, from 0`);
  return event;
}

export function parseRepeat(value: string): number | "until-refused" {
  if (value === "until-refused") return value;
  const rounds = Number(value);
  if (!/^\d+$/.test(value) || rounds < 1 || rounds > MOST_EVENTS)
    throw new Error(`the repeat is "${value}"; it must be a number of rounds from 1, or until-refused`);
  return rounds;
}

export function parseGranule(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined || bytes < 1)
    throw new Error(`the granule is "${value}"; it must be a size: 16, 1KiB`);
  return bytes;
}

export function parseMaxBytes(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined || bytes < 1)
    throw new Error(`the most bytes are "${value}"; they must be a size: 65536, 64KiB, 16GiB`);
  return bytes;
}

/** A whole number from 1 on; `what` is for the message: `the number of jobs`. */
export const parseCount =
  (what: string) =>
  (value: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(value))
      throw new Error(`${what} is "${value}"; it must be a whole number from 1`);
    return Number(value);
  };

/** Whole seconds, which a timer can count. */
export function parseTimeout(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value))
    throw new Error(`the timeout is "${value}"; it must be a whole number of seconds, from 1 to 999999`);
  return Number(value);
}

/** `i/n`. */
export function parseShard(value: string): Shard {
  const [, index, of] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value)?.map(Number) ?? [];
  if (index === undefined || index > of)
    throw new Error(`the shard is "${value}"; write 1/4 for the first of four, to 4/4 for the last`);
  return { index, of };
}
