/** Two-level segregated fit: src/allocators/parts/two-level-fit.ts over two-level-bins.ts. Words are granules. */
import { OF_POLICY } from "../../registers";
import { COPIES, chosen, LEFT, RESIZES, STAYS } from "../events";
import { address, register, setWord, word } from "../memory";
import { holeRow, LENGTH, LINK, LINK_AFTER, NEXT, rowOf, slotRow } from "../rows";
import { countSteps, granuleLog2 } from "../space";

const SMALLEST = 3;
const SPLIT = 4;
const HEADER = 1;

let shift: i32 = 0;
let mask: i32 = 0;
let levels: i32 = 0;
let heads: usize = 0;
let steps: usize = 0;
let recent: usize = 0;
let most: i32 = 0;
let keepsRounding: bool = false;

@inline
function binOf(words: i32): i32 {
  if (words <= mask) return words;
  const power = 31 - clz(words);
  return ((power - shift + 1) << shift) | ((words >>> (power - shift)) & mask);
}

/** Words of payload for a request; 0 if it is not one of the plain ones. */
@inline
function wordsFor(bytes: i32): i32 {
  const words = (bytes + (1 << granuleLog2) - 1) >>> granuleLog2;
  return words == 0 || words > most ? 0 : max(words, SMALLEST);
}

@inline
function withRest(length: i32, room: i32): i32 {
  return room - length < SPLIT ? room : length;
}

@inline
function lookAtNeighbour(): void {
  countSteps(1);
}

function insert(row: i32, bin: i32): void {
  const head = word(heads, bin);
  const at = rowOf(row);
  store<i32>(at, 0, LINK);
  store<i32>(at, head, LINK_AFTER);
  setWord(heads, bin, row);
  if (head != 0) {
    store<i32>(rowOf(head), row, LINK);
    return;
  }
  const level = bin >>> shift;
  setWord(steps, level, word(steps, level) | (1 << (bin & mask)));
  setWord(steps, levels, word(steps, levels) | (1 << level));
}

function remove(row: i32, bin: i32): void {
  const at = rowOf(row);
  const before = load<i32>(at, LINK);
  const after = load<i32>(at, LINK_AFTER);
  if (after != 0) store<i32>(rowOf(after), before, LINK);
  if (before != 0) {
    store<i32>(rowOf(before), after, LINK_AFTER);
    return;
  }
  setWord(heads, bin, after);
  if (after != 0) return;
  const level = bin >>> shift;
  const rest = word(steps, level) & ~(1 << (bin & mask));
  setWord(steps, level, rest);
  if (rest == 0) setWord(steps, levels, word(steps, levels) & ~(1 << level));
}

export class Tlsf {
  @inline
  bind(): void {
    shift = register(OF_POLICY);
    mask = (1 << shift) - 1;
    levels = register(OF_POLICY + 1);
    heads = address(OF_POLICY + 2);
    steps = address(OF_POLICY + 3);
    recent = address(OF_POLICY + 4);
    most = register(OF_POLICY + 5);
    keepsRounding = register(OF_POLICY + 6) != 0;
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    const words = wordsFor(bytes);
    if (words == 0) return false;
    let searched = words;
    if (words > mask) {
      const step = 1 << (31 - clz(words) - shift);
      searched = (words + step - 1) & -step;
    }
    const bin = binOf(searched);
    let level = bin >>> shift;
    if (level >= levels) return false;
    let found = word(steps, level) & (-1 << (bin & mask));
    if (found == 0) {
      const above = word(steps, levels) & (-2 << level);
      if (above == 0) return false;
      level = ctz(above);
      found = word(steps, level);
    }
    chosen.hole = -word(heads, (level << shift) | ctz(found));
    const room = load<i32>(holeRow(chosen.hole), LENGTH);
    const needed = (keepsRounding ? searched : words) + HEADER;
    chosen.offset = 0;
    chosen.length = withRest(needed, room);
    chosen.payload = HEADER << granuleLog2;
    return true;
  }

  @inline
  placed(slot: i32): void {
    countSteps(1);
    store<i32>(recent, slot);
  }

  @inline
  resize(slot: i32, bytes: i32): i32 {
    const words = wordsFor(bytes);
    if (words == 0) return LEFT;
    const needed = words + HEADER;
    const row = slotRow(slot);
    const length = load<i32>(row, LENGTH);
    let room = length;
    if (needed > length) {
      const next = load<i32>(row, NEXT);
      if (next < 0) room += load<i32>(holeRow(next), LENGTH);
      if (needed > room) return COPIES;
      lookAtNeighbour();
    }
    chosen.length = withRest(needed, room);
    return chosen.length == length ? STAYS : RESIZES;
  }

  @inline
  stayed(slot: i32): void {
    store<i32>(recent, slot);
  }

  @inline
  copied(): void {
    lookAtNeighbour();
  }

  @inline
  freeing(slot: i32): bool {
    return true;
  }

  @inline
  freed(hole: i32): void {}

  @inline
  appear(hole: i32): void {
    insert(-hole, binOf(load<i32>(holeRow(hole), LENGTH) - HEADER));
  }

  @inline
  vanish(hole: i32): void {
    remove(-hole, binOf(load<i32>(holeRow(hole), LENGTH) - HEADER));
  }

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {
    const from = binOf(oldLength - HEADER);
    const to = binOf(load<i32>(holeRow(hole), LENGTH) - HEADER);
    if (from == to && word(heads, from) == -hole) return;
    remove(-hole, from);
    insert(-hole, to);
  }
}
