/**
 * Slabs: src/allocators/slab.ts over parts/slab-caches.ts, whose rows and cells these are, and parts/page-runs.ts. Slabs
 * and runs of pages are made and given back in TypeScript.
 */
import { OF_POLICY } from "../../registers";
import { COPIES, chosen, LEFT, STAYS } from "../events";
import { address, register, setWord, word } from "../memory";
import { holeRow, LENGTH, OFFSET, slotRow } from "../rows";
import { countSteps, holeFrom } from "../space";

const ALIGNMENT_LOG2 = 3;

// Words of a row, in bytes.
const ROW_LOG2 = 5;
const KIND: usize = 0;
const USED: usize = 4;
const FREE: usize = 8;
const COLOUR: usize = 12;
const BASE: usize = 16;
const PREVIOUS: usize = 20;
const NEXT: usize = 24;

/** log2 of a page's granules. */
let pageLog2: i32 = 0;
let runs: usize = 0;
let largest: i32 = 0;
let kinds: usize = 0;
let classes: i32 = 0;
let sizes: usize = 0;
let capacities: usize = 0;
let reserve: i32 = 0;
let rows: usize = 0;
let rowCount: i32 = 0;
let cells: usize = 0;

/** The row of the slab at hand, and of its cache; the object's cell, and its index. */
let slab: usize = 0;
let cache: usize = 0;
let index: i32 = 0;
let cell: usize = 0;

@inline
function rowAt(row: i32): usize {
  return rows + ((<usize>row) << ROW_LOG2);
}

/** How links name a row: by its first word. */
@inline
function nameOf(row: usize): i32 {
  return <i32>((row - rows) >>> 2);
}

@inline
function named(name: i32): usize {
  return rows + ((<usize>name) << 2);
}

/** The class for so many bytes; -1 for pages. */
@inline
function kindOf(bytes: i32): i32 {
  return bytes > largest ? -1 : word(kinds, (max(bytes, 1) + 7) >>> ALIGNMENT_LOG2);
}

@inline
function granulesOf(kind: i32): i32 {
  return word(sizes, kind) >>> ALIGNMENT_LOG2;
}

/** Sets the slab at hand and its cache. */
@inline
function setSlab(row: usize, kind: i32): void {
  slab = row;
  cache = rowAt(kind);
}

@inline
function setObject(at: i32): void {
  index = at;
  cell = cells + ((<usize>(load<i32>(slab, BASE) + at)) << 2);
}

/** The slot of what is next to the object at hand in its slab, above it, its header included, or below; 0 for none. */
@inline
function neighbour(kind: i32): i32 {
  const end = cell + ((<usize>(word(capacities, kind) - index)) << 2);
  for (let above = cell + 4; above <= end; above += 4) if (load<i32>(above) < 0) return -load<i32>(above);
  const first = cell - ((<usize>index) << 2);
  for (let below = cell - 4; below >= first; below -= 4) if (load<i32>(below) < 0) return -load<i32>(below);
  return 0;
}

/** Finds the object of `slot`, if it is one that can be freed without giving its slab back. */
function find(slot: i32): bool {
  const start = load<i32>(slotRow(slot));
  let page = start >>> pageLog2;
  if (page + classes >= rowCount) return false;
  let kind = load<i32>(rowAt(page + classes), KIND) - 1;
  if (kind < 0) {
    page += min(word(runs, 2 * page), 0);
    kind = load<i32>(rowAt(page + classes), KIND) - 1;
    if (kind < 0) return false;
  }
  const row = rowAt(page + classes);
  setSlab(row, kind);
  if (load<i32>(row, USED) == 1 && load<i32>(cache, USED) >= reserve) return false;
  const into = start - (page << pageLog2) - (load<i32>(row, COLOUR) >>> ALIGNMENT_LOG2);
  setObject(into / granulesOf(kind));
  return true;
}

function link(row: usize, before: usize): void {
  const after = load<i32>(before, NEXT);
  store<i32>(row, nameOf(before), PREVIOUS);
  store<i32>(row, after, NEXT);
  store<i32>(before, nameOf(row), NEXT);
  store<i32>(named(after), nameOf(row), PREVIOUS);
}

function unlink(row: usize): void {
  const before = load<i32>(row, PREVIOUS);
  const after = load<i32>(row, NEXT);
  store<i32>(named(before), after, NEXT);
  store<i32>(named(after), before, PREVIOUS);
}

export class Slab {
  @inline
  bind(): void {
    pageLog2 = register(OF_POLICY) - ALIGNMENT_LOG2;
    runs = address(OF_POLICY + 1);
    largest = register(OF_POLICY + 2);
    kinds = address(OF_POLICY + 3);
    classes = register(OF_POLICY + 4);
    sizes = address(OF_POLICY + 5);
    capacities = address(OF_POLICY + 6);
    reserve = register(OF_POLICY + 7);
    rows = address(OF_POLICY + 8);
    rowCount = register(OF_POLICY + 9);
    cells = address(OF_POLICY + 10);
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    const kind = kindOf(bytes);
    if (kind < 0) return false;
    const row = load<i32>(rowAt(kind), NEXT) >>> 3;
    if (row < classes) return false;
    setSlab(rowAt(row), kind);
    setObject(load<i32>(slab, FREE) - 1);
    const near = neighbour(kind);
    if (near == 0) return false;
    const length = granulesOf(kind);
    const into = (load<i32>(slab, COLOUR) >>> ALIGNMENT_LOG2) + index * length;
    const start = ((row - classes) << pageLog2) + into;
    chosen.hole = holeFrom(near, start, length);
    if (chosen.hole == 0) return false;
    chosen.offset = start - load<i32>(holeRow(chosen.hole));
    chosen.length = length;
    chosen.payload = 0;
    return true;
  }

  @inline
  placed(slot: i32): void {
    countSteps(1);
    const next = load<i32>(cell);
    store<i32>(cell, -slot);
    store<i32>(slab, next, FREE);
    const used = load<i32>(slab, USED);
    store<i32>(slab, used + 1, USED);
    if (used == 0) store<i32>(cache, load<i32>(cache, USED) - 1, USED);
    if (next == 0) unlink(slab);
  }

  @inline
  resize(slot: i32, bytes: i32): i32 {
    if (!find(slot)) return LEFT;
    const row = slotRow(slot);
    const kind = kindOf(load<i32>(row, OFFSET) + bytes);
    if (kind < 0) return LEFT;
    return granulesOf(kind) == load<i32>(row, LENGTH) ? STAYS : COPIES;
  }

  @inline
  stayed(slot: i32): void {}

  @inline
  copied(): void {}

  @inline
  freeing(slot: i32): bool {
    if (!find(slot)) return false;
    const next = load<i32>(slab, FREE);
    const used = load<i32>(slab, USED) - 1;
    store<i32>(cell, next);
    store<i32>(slab, index + 1, FREE);
    store<i32>(slab, used, USED);
    if (used > 0) {
      if (next == 0) link(slab, cache);
      return true;
    }
    if (next != 0) unlink(slab);
    link(slab, named(load<i32>(cache, PREVIOUS)));
    store<i32>(cache, load<i32>(cache, USED) + 1, USED);
    return true;
  }

  @inline
  freed(hole: i32): void {}

  @inline
  appear(hole: i32): void {}

  @inline
  vanish(hole: i32): void {}

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {}
}
