/** Tags, and rows of free chunks: src/allocators/glibc/chunks.ts. */
import { LOWEST, CHUNK_ROWS, CHUNK_STATE, CHUNKS, TAG_COUNT, TAGS } from "../../../glibc-registers";
import { OF_POLICY } from "../../../registers";
import { address, addWord, register, setWord, word } from "../../memory";
import { holeRow, LENGTH, NEXT, PREVIOUS, slotRow } from "../../rows";
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
/** The slot below the first chunk: the segment's edge is before it. */
let lowest: i32 = 0;

export function bindChunks(): void {
  tags = address(OF_POLICY + TAGS);
  tagCount = register(OF_POLICY + TAG_COUNT);
  chunks = address(OF_POLICY + CHUNKS);
  chunkRows = register(OF_POLICY + CHUNK_ROWS);
  state = address(OF_POLICY + CHUNK_STATE);
  lowest = register(OF_POLICY + LOWEST);
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

/** The space's hole around the chunk [start, end), where top starts at unit `top`. */
@inline
export function holeAround(start: i32, end: i32, top: i32): i32 {
  const below = tagBelow(start);
  return below < 0 ? holeAfter(-below) : holeAmong(start, end, top, below);
}

function holeAmong(start: i32, end: i32, top: i32, below: i32): i32 {
  const tag = word(tags, start);
  const known = tag > 0 ? load<i32>(chunkAt(tag), HOLE) : 0;
  const into = blockOf(start) - load<i32>(holeRow(known));
  if (into >= 0 && into < load<i32>(holeRow(known), LENGTH)) return known;
  do {
    const above = end == top ? -load<i32>(slotRow(lowest), PREVIOUS) : word(tags, end);
    if (above < 0) return load<i32>(slotRow(-above), PREVIOUS);
    end += unitsAt(above);
    below = tagBelow(startOf(below));
  } while (below > 0);
  return holeAfter(-below);
}

@inline
function tagBelow(u: i32): i32 {
  return u == 0 ? -lowest : word(tags, u - 1);
}

@inline
function holeAfter(slot: i32): i32 {
  return load<i32>(slotRow(slot), NEXT);
}
