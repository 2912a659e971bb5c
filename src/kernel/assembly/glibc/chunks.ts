/** Tags, and rows of free chunks: src/allocators/glibc/chunks.ts. */
import { BELOW, CHUNK_ROWS, CHUNK_STATE, CHUNKS, TAG_COUNT, TAGS } from "../../glibc-registers";
import { OF_POLICY } from "../../registers";
import { address, addWord, register, setWord, word } from "../memory";
import { holeRow, LENGTH, NEXT, slotRow } from "../rows";
import { blockOf } from "./layout";

// Words of a row, in bytes.
export const START: usize = 0;
export const SIZE: usize = 4;
export const FORWARD: usize = 8;
export const BACK: usize = 12;
export const SMALLER: usize = 16;
export const LARGER: usize = 20;
export const PLACE: usize = 24;
const HOLE: usize = 28;

const ROW_LOG2: usize = 5;

// Places of a free chunk.
export const BINNED = 1;
export const FAST = 2;
export const CACHED = 3;

// Entries of the state.
const VACANT = 0;
const ROWS = 1;

let tags: usize = 0;
/** Units for which there are tags. */
export let tagCount: i32 = 0;
let chunks: usize = 0;
let chunkRows: i32 = 0;
let state: usize = 0;
let below: i32 = 0;

export function bindChunks(): void {
  tags = address(OF_POLICY + TAGS);
  tagCount = register(OF_POLICY + TAG_COUNT);
  chunks = address(OF_POLICY + CHUNKS);
  chunkRows = register(OF_POLICY + CHUNK_ROWS);
  state = address(OF_POLICY + CHUNK_STATE);
  below = register(OF_POLICY + BELOW);
}

@inline
export function chunkAt(row: i32): usize {
  return chunks + ((<usize>row) << ROW_LOG2);
}

@inline
export function startOf(row: i32): i32 {
  return load<i32>(chunkAt(row), START);
}

@inline
export function unitsAt(row: i32): i32 {
  return load<i32>(chunkAt(row), SIZE);
}

/** The row of the free chunk that begins or ends at unit `u`, wherever it is kept; 0 if there is none. */
@inline
export function freeAt(u: i32): i32 {
  return u < 0 ? 0 : max(word(tags, u), 0);
}

/** The same of a chunk that is free to its neighbours. */
@inline
export function binned(u: i32): i32 {
  const row = freeAt(u);
  return row != 0 && load<i32>(chunkAt(row), PLACE) == BINNED ? row : 0;
}

@inline
export function use(start: i32, size: i32, slot: i32): void {
  setWord(tags, start, -slot);
  setWord(tags, start + size - 1, -slot);
}

/** There is a row for a chunk more. */
@inline
export function roomForChunk(): bool {
  return word(state, VACANT) != 0 || word(state, ROWS) + 2 <= chunkRows;
}

@inline
export function create(start: i32, size: i32, hole: i32): i32 {
  let row = word(state, VACANT);
  if (row == 0) {
    addWord(state, ROWS, 1);
    row = word(state, ROWS);
  } else setWord(state, VACANT, load<i32>(chunkAt(row), FORWARD));
  store<i32>(chunkAt(row), hole, HOLE);
  set(row, start, size);
  return row;
}

@inline
export function set(row: i32, start: i32, size: i32): void {
  const at = chunkAt(row);
  store<i32>(at, start, START);
  store<i32>(at, size, SIZE);
  setWord(tags, start, row);
  setWord(tags, start + size - 1, row);
}

@inline
export function drop(row: i32): i32 {
  const at = chunkAt(row);
  store<i32>(at, word(state, VACANT), FORWARD);
  setWord(state, VACANT, row);
  return load<i32>(at, START);
}

/** The space's hole around the chunk at unit `start`. */
export function holeAt(start: i32): i32 {
  let tag = tagBelow(start);
  while (tag > 0) {
    const hole = load<i32>(chunkAt(tag), HOLE);
    const from = holeRow(hole);
    const into = blockOf(start) - load<i32>(from);
    if (into >= 0 && into < load<i32>(from, LENGTH)) return hole;
    tag = tagBelow(startOf(tag));
  }
  return load<i32>(slotRow(-tag), NEXT);
}

@inline
function tagBelow(u: i32): i32 {
  return u == 0 ? -below : word(tags, u - 1);
}
