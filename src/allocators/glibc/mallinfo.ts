/** What glibc's mallinfo2() says of the main arena, and the lists in their own order, for people. O(free chunks). */
import type { InternalsSink } from "../contract.ts";
import type { Arena } from "./arena.ts";
import { FORWARD, type Row, STRIDE } from "./chunks.ts";
import { BINS, type Layout, UNIT, UNSORTED } from "./layout.ts";
import type { MappedChunks } from "./mapped-chunks.ts";

/** Names and meanings are mallinfo(3)'s; bytes, but for the three counts. Chunks of the thread cache are in use. */
export interface Mallinfo {
  /** Got from sbrk and not given back. */
  readonly arena: number;
  /** Count: free chunks outside fastbins, top included. */
  readonly ordblks: number;
  /** Count: chunks in fastbins. */
  readonly smblks: number;
  /** Count: mapped chunks. */
  readonly hblks: number;
  /** Mapped for them. */
  readonly hblkhd: number;
  /** In fastbins. */
  readonly fsmblks: number;
  /** arena = uordblks + fordblks */
  readonly uordblks: number;
  /** Free: bins, fastbins and top. */
  readonly fordblks: number;
  /** Top. */
  readonly keepcost: number;
}

export function mallinfo(arena: Arena, mapped: MappedChunks): Mallinfo {
  let smblks = 0;
  let fsmblks = 0;
  arena.fast.walk((units, rows) => {
    smblks += rows.length;
    fsmblks += rows.length * units * UNIT;
  });
  let ordblks = 1;
  let fordblks = arena.top.size + fsmblks;
  for (let bin = UNSORTED; bin < BINS; bin++)
    for (const row of rowsOf(arena, bin)) {
      ordblks++;
      fordblks += arena.chunks.size(row) * UNIT;
    }
  return {
    arena: arena.top.break,
    ordblks,
    smblks,
    hblks: mapped.count,
    hblkhd: mapped.bytes,
    fsmblks,
    uordblks: arena.top.break - fordblks,
    fordblks,
    keepcost: arena.top.size,
  };
}

/** The chunks of a bin from its front. */
export function rowsOf({ bins, chunks }: Arena, bin: number): Row[] {
  const found: Row[] = [];
  for (let row = bins.first(bin); row !== bin; row = chunks.rows.data[row * STRIDE + FORWARD])
    found.push(row);
  return found;
}

/** Starts are those of blocks, as the space has them. */
export function showLists(arena: Arena, layout: Layout, show: InternalsSink): void {
  const { chunks, top } = arena;
  const list = (name: string, rows: readonly Row[]) => {
    if (rows.length === 0) return;
    show.list(name);
    for (const row of rows) show.entry(layout.block(chunks.start(row)), chunks.size(row) * UNIT);
  };
  arena.cache.walk((units, rows) => list(`thread cache ${units * UNIT}`, rows));
  arena.fast.walk((units, rows) => list(`fastbin ${units * UNIT}`, rows));
  list("unsorted bin", rowsOf(arena, UNSORTED));
  for (let bin = UNSORTED + 1; bin < BINS; bin++) {
    const rows = rowsOf(arena, bin);
    const small = bin < layout.bin(layout.large);
    if (rows.length > 0) list(small ? `small bin ${chunks.size(rows[0]) * UNIT}` : `large bin ${bin}`, rows);
  }
  show.list("top");
  if (top.size > 0) show.entry(layout.block(top.start), top.size - layout.word);
}
