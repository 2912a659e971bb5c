/** Chunks that nothing merges with: src/allocators/glibc/thread-cache.ts and fast-bins.ts. */
import { CACHE_COUNTS, CACHE_HEADS, CACHE_LIMIT, FAST_HEADS } from "../../../glibc-registers";
import { OF_POLICY } from "../../../registers";
import { address, addWord, register, setWord, word } from "../../memory";
import { CACHED, chunkAt, FAST, FORWARD, PLACE } from "./chunks";
import { CACHES, smallest } from "./layout";

const CLOSED = 65536;

let limit: i32 = 0;
let heads: usize = 0;
let counts: usize = 0;
let fastHeads: usize = 0;

export function bindCaches(): void {
  limit = register(OF_POLICY + CACHE_LIMIT);
  heads = address(OF_POLICY + CACHE_HEADS);
  counts = address(OF_POLICY + CACHE_COUNTS);
  fastHeads = address(OF_POLICY + FAST_HEADS);
}

@inline
export function cacheIsOpen(): bool {
  return word(counts, 0) != CLOSED;
}

@inline
export function cacheHasRoom(units: i32): bool {
  const bin = units - smallest;
  return bin < CACHES && word(counts, bin) < limit;
}

@inline
export function cachePut(row: i32, units: i32): void {
  const bin = units - smallest;
  const at = chunkAt(row);
  store<i32>(at, word(heads, bin), FORWARD);
  store<i32>(at, CACHED, PLACE);
  setWord(heads, bin, row);
  addWord(counts, bin, 1);
}

/** 0 if there is none. */
@inline
export function cacheGet(units: i32): i32 {
  const bin = units - smallest;
  if (bin >= CACHES) return 0;
  const row = word(heads, bin);
  if (row == 0) return 0;
  setWord(heads, bin, load<i32>(chunkAt(row), FORWARD));
  addWord(counts, bin, -1);
  return row;
}

/** Chunks came to fastbins since all were merged. */
@inline
export function fastUsed(): bool {
  return word(fastHeads, 0) != 0;
}

@inline
export function clearFast(): void {
  setWord(fastHeads, 0, 0);
}

/** The chunk that came last, or 0. */
@inline
export function fastHead(units: i32): i32 {
  return word(fastHeads, units);
}

@inline
export function fastPut(row: i32, units: i32): void {
  const at = chunkAt(row);
  store<i32>(at, word(fastHeads, units), FORWARD);
  store<i32>(at, FAST, PLACE);
  setWord(fastHeads, units, row);
  setWord(fastHeads, 0, 1);
}

@inline
export function fastGet(units: i32): i32 {
  const row = word(fastHeads, units);
  if (row != 0) setWord(fastHeads, units, load<i32>(chunkAt(row), FORWARD));
  return row;
}
