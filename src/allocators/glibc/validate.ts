/** A full walk of the arena against everything that must hold, and against the space. O(chunks). */
import { type Space, SpaceError, State } from "../../space/space.ts";
import type { Arena } from "./arena.ts";
import { BACK, LARGER, PLACE, Place, type Row, SMALLER, STRIDE } from "./chunks.ts";
import { BINS, type Layout, UNIT, UNSORTED } from "./layout.ts";
import { rowsOf } from "./mallinfo.ts";

/** Throws a SpaceError that says which invariant is broken and where. */
export function validateArena(arena: Arena, layout: Layout, space: Space): void {
  const { top } = arena;
  if (top.break === 0) return;
  if (space.grows && space.segmentEnd(space.heap) !== top.break)
    fail(`the heap ends at ${space.segmentEnd(space.heap)}, the break is ${top.break}`);
  if (top.start > 0 && top.size < layout.smallest * UNIT) fail(`top has ${top.size} bytes`);
  const listed = listedRows(arena, layout);
  const walked = walkedRows(arena, layout, space);
  for (const row of walked)
    if (!listed.has(row)) fail(`the free chunk at unit ${arena.chunks.start(row)} is in no list`);
  if (listed.size !== walked.length)
    fail(`${listed.size} free chunks are listed, ${walked.length} are in the heap`);
}

/** Every free chunk in a list, with its links, order and place checked. */
function listedRows(arena: Arena, layout: Layout): Set<Row> {
  const { chunks, cache, fast, bins } = arena;
  const listed = new Set<Row>();
  const add = (row: Row, place: number, where: string) => {
    if (listed.has(row)) fail(`the chunk at unit ${chunks.start(row)} is listed twice, again in ${where}`);
    if (chunks.rows.data[row * STRIDE + PLACE] !== place)
      fail(`the chunk at unit ${chunks.start(row)} is in ${where} and does not say so`);
    listed.add(row);
  };
  const exact = (place: number, where: string) => (units: number, rows: readonly Row[]) => {
    for (const row of rows) {
      if (chunks.size(row) !== units) fail(`${where} has ${chunks.size(row)} units among those of ${units}`);
      add(row, place, where);
    }
  };
  cache.walk(exact(Place.cache, "the thread cache"));
  fast.walk((units, rows) => {
    if (!fast.used) fail("a fastbin has chunks and none is said to have come");
    exact(Place.fast, "a fastbin")(units, rows);
  });
  for (let bin = UNSORTED; bin < BINS; bin++) {
    const rows = rowsOf(arena, bin);
    if (bin !== UNSORTED && rows.length > 0 && !bins.marked(bin))
      fail(`bin ${bin} has chunks and is not marked`);
    rows.forEach((row, i) => {
      if (chunks.rows.data[row * STRIDE + BACK] !== (i === 0 ? bin : rows[i - 1]))
        fail(`bin ${bin} is not linked back at unit ${chunks.start(row)}`);
      if (bin !== UNSORTED && layout.bin(chunks.size(row)) !== bin)
        fail(`bin ${bin} has a chunk of ${chunks.size(row)} units`);
      add(row, Place.bin, `bin ${bin}`);
    });
    if (bin >= layout.bin(layout.large)) checkSizes(arena, bin, rows);
  }
  return listed;
}

/** A large bin: longest first, and a ring through the first of each size. */
function checkSizes({ chunks }: Arena, bin: number, rows: readonly Row[]): void {
  const links = chunks.rows.data;
  const isFirst = (row: Row, i: number) => i === 0 || chunks.size(row) !== chunks.size(rows[i - 1]);
  const firsts = rows.filter(isFirst);
  rows.forEach((row, i) => {
    if (i > 0 && chunks.size(row) > chunks.size(rows[i - 1])) fail(`bin ${bin} is not ordered by size`);
    if (!isFirst(row, i) && links[row * STRIDE + SMALLER] !== 0)
      fail(`a later chunk of its size is in the ring of bin ${bin}`);
  });
  firsts.forEach((row, i) => {
    const smaller = firsts[(i + 1) % firsts.length];
    if (links[row * STRIDE + SMALLER] !== smaller || links[smaller * STRIDE + LARGER] !== row)
      fail(`the ring of sizes of bin ${bin} is broken at ${chunks.size(row)} units`);
  });
}

/** Every free chunk below top, in address order, with the tags and the space checked on the way. */
function walkedRows({ chunks, top }: Arena, layout: Layout, space: Space): Row[] {
  const free: Row[] = [];
  let inUse = 0;
  let binned = false;
  let u = 0;
  while (u < top.start) {
    const tag = chunks.tag(u);
    let size: number;
    if (tag > 0) {
      if (chunks.start(tag) !== u) fail(`the chunk at unit ${u} says that it is at ${chunks.start(tag)}`);
      size = chunks.size(tag);
      const node = space.at(layout.block(u));
      if (node >= 0 || space.end(node) < layout.block(u + size))
        fail(`the chunk of ${size} units at ${u} is free, the space has something there`);
      free.push(tag);
    } else {
      size = space.length(-tag) / UNIT;
      const state = space.state(-tag);
      if ((state !== State.live && state !== State.control) || space.start(-tag) !== layout.block(u))
        fail(`the chunk at unit ${u} is in use, the space has nothing there`);
      inUse++;
    }
    if (size < layout.smallest || u + size > top.start || chunks.tag(u + size - 1) !== tag)
      fail(`the chunk at unit ${u} ends with another tag than it begins with`);
    const isBinned = chunks.binned(u) !== 0;
    if (isBinned && binned) fail(`the free chunk at unit ${u} is not merged with the one before`);
    binned = isBinned;
    u += size;
  }
  if (u !== top.start) fail(`the chunks end at unit ${u}, top starts at ${top.start}`);
  if (binned) fail("a free chunk is not merged with top");
  let blocks = 0;
  for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
    if (node > 0 && space.start(node) >= layout.block(0)) blocks++;
  if (blocks !== inUse) fail(`${inUse} chunks are in use, the space has ${blocks} blocks`);
  return free;
}

function fail(message: string): never {
  throw new SpaceError(message);
}
