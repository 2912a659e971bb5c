/** A full walk of all arenas against everything that must hold, and against the space. O(chunks). */
import { type Segment, type Space, SpaceError, State } from "../../space/space.ts";
import type { Arena } from "./arena.ts";
import { ArenaHeaps } from "./arena-heaps.ts";
import type { Arenas } from "./arenas.ts";
import { BACK, type Chunks, LARGER, PLACE, Place, type Row, SMALLER, STRIDE } from "./chunks.ts";
import { BINS, UNIT, UNSORTED } from "./layout.ts";
import { rowsOf } from "./mallinfo.ts";

/** Throws a SpaceError that says which invariant is broken and where. */
export function validateArenas(arenas: Arenas, space: Space): void {
  const cached = cachedRows(arenas);
  arenas.all.forEach((arena, i) => {
    if (arena.top.break === 0) {
      if (cached[i].size > 0) fail(`arena ${i} has no memory, and chunks in a thread cache`);
    } else validateArena(arena, space, cached[i]);
  });
}

function validateArena(arena: Arena, space: Space, cached: ReadonlySet<Row>): void {
  const { top, layout } = arena;
  const parts = partsOf(arena, space);
  if (!(layout instanceof ArenaHeaps)) {
    if (space.grows && space.segmentEnd(space.heap) !== top.break)
      fail(`the heap ends at ${space.segmentEnd(space.heap)}, the break is ${top.break}`);
  } else if (parts.reduce((sum, { segment }) => sum + space.segmentLength(segment), 0) !== top.break)
    fail(`the arena says that it has ${top.break} bytes of heaps`);
  if (top.start > 0 && top.size < layout.smallest * UNIT) fail(`top has ${top.size} bytes`);
  const listed = listedRows(arena, cached);
  const walked = parts.flatMap((part) => walkedRows(arena, part, space));
  for (const row of walked)
    if (!listed.has(row)) fail(`the free chunk at unit ${arena.chunks.start(row)} is in no list`);
  if (listed.size !== walked.length)
    fail(`${listed.size} free chunks are listed, ${walked.length} are in the heap`);
}

/** Chunks from one unit to another in a segment; behind them lies top, or the edge. */
interface Part {
  readonly segment: Segment;
  readonly first: number;
  readonly end: number;
}

function partsOf({ layout, top }: Arena, space: Space): Part[] {
  if (!(layout instanceof ArenaHeaps)) return [{ segment: space.heap, first: 0, end: top.start }];
  return Array.from({ length: layout.count }, (_, number) => {
    const segment = layout.segment(number);
    const first = layout.first(number);
    const chunkEnd = space.segmentEnd(segment) - layout.block(first) + layout.word;
    const end = number === layout.count - 1 ? top.start : first + Math.floor(chunkEnd / UNIT);
    return { segment, first, end };
  });
}

/** By arena, the chunks that thread caches have. */
function cachedRows({ all, cache }: Arenas): Set<Row>[] {
  const found = all.map(() => new Set<Row>());
  cache.walk((_thread, units, entries) => {
    for (const entry of entries) {
      const number = cache.arena(entry);
      const { chunks } = all[number];
      const row = cache.row(entry);
      if (chunks.size(row) !== units)
        fail(`the thread cache has ${chunks.size(row)} units among those of ${units}`);
      add(found[number], chunks, row, Place.cache, "the thread cache");
    }
  });
  return found;
}

function add(listed: Set<Row>, chunks: Chunks, row: Row, place: number, where: string): void {
  if (listed.has(row)) fail(`the chunk at unit ${chunks.start(row)} is listed twice, again in ${where}`);
  if (chunks.rows.data[row * STRIDE + PLACE] !== place)
    fail(`the chunk at unit ${chunks.start(row)} is in ${where} and does not say so`);
  listed.add(row);
}

/** Every free chunk in a list, with its links, order and place checked. */
function listedRows(arena: Arena, cached: ReadonlySet<Row>): Set<Row> {
  const { chunks, fast, bins, layout } = arena;
  const listed = new Set(cached);
  fast.walk((units, rows) => {
    if (!fast.used) fail("a fastbin has chunks and none is said to have come");
    for (const row of rows) {
      if (chunks.size(row) !== units) fail(`a fastbin has ${chunks.size(row)} units among those of ${units}`);
      add(listed, chunks, row, Place.fast, "a fastbin");
    }
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
      add(listed, chunks, row, Place.bin, `bin ${bin}`);
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

/** Every free chunk of the part, in address order, with the tags and the space checked on the way. */
function walkedRows({ chunks, layout }: Arena, { segment, first, end }: Part, space: Space): Row[] {
  const free: Row[] = [];
  let inUse = 0;
  let binned = false;
  let u = first;
  while (u < end) {
    const tag = chunks.tag(u);
    let size: number;
    if (tag > 0) {
      if (chunks.start(tag) !== u) fail(`the chunk at unit ${u} says that it is at ${chunks.start(tag)}`);
      size = chunks.size(tag);
      const node = space.at(layout.block(u));
      if (node >= 0 || space.end(node) < layout.block(u) + size * UNIT)
        fail(`the chunk of ${size} units at ${u} is free, the space has something there`);
      free.push(tag);
    } else {
      // A fence lacks the word that a chunk lends from the next one.
      size = Math.floor((space.length(-tag) + layout.word) / UNIT);
      const state = space.state(-tag);
      if ((state !== State.live && state !== State.control) || space.start(-tag) !== layout.block(u))
        fail(`the chunk at unit ${u} is in use, the space has nothing there`);
      inUse++;
    }
    if (size < layout.smallest || u + size > end || chunks.tag(u + size - 1) !== tag)
      fail(`the chunk at unit ${u} ends with another tag than it begins with`);
    const isBinned = chunks.binned(u) !== 0;
    if (isBinned && binned) fail(`the free chunk at unit ${u} is not merged with the one before`);
    binned = isBinned;
    u += size;
  }
  if (u !== end) fail(`the chunks end at unit ${u}, not at ${end}`);
  if (binned) fail("a free chunk is not merged with top");
  let blocks = 0;
  for (let node = space.next(segment); node !== segment; node = space.next(node))
    if (node > 0 && space.start(node) >= layout.block(first)) blocks++;
  if (blocks !== inUse) fail(`${inUse} chunks are in use, the space has ${blocks} blocks`);
  return free;
}

function fail(message: string): never {
  throw new SpaceError(message);
}
