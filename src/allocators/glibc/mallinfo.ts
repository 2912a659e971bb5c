/** What glibc's mallinfo2() says of all arenas, and the lists in their own order, for people. O(free chunks). */
import type { InternalsSink } from "../contract.ts";
import type { Arena } from "./arena.ts";
import type { Arenas } from "./arenas.ts";
import { FORWARD, type Row, STRIDE } from "./chunks.ts";
import { BINS, UNIT, UNSORTED } from "./layout.ts";
import type { MappedChunks } from "./mapped-chunks.ts";

/** Names and meanings are mallinfo(3)'s; bytes, but for the three counts. Chunks of the thread cache are in use. */
export interface Mallinfo {
  /** Got from sbrk, and for heaps, and not given back. */
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
  /** Top of the main arena. */
  readonly keepcost: number;
}

export function mallinfo({ all, main }: Arenas, mapped: MappedChunks): Mallinfo {
  const sum = { arena: 0, ordblks: 0, smblks: 0, fsmblks: 0, fordblks: 0 };
  for (const arena of all) {
    if (arena.top.break === 0 && arena !== main) continue;
    arena.fast.walk((units, rows) => {
      sum.smblks += rows.length;
      sum.fsmblks += rows.length * units * UNIT;
      sum.fordblks += rows.length * units * UNIT;
    });
    sum.arena += arena.top.break;
    sum.ordblks++;
    sum.fordblks += arena.top.size;
    for (let bin = UNSORTED; bin < BINS; bin++)
      for (const row of rowsOf(arena, bin)) {
        sum.ordblks++;
        sum.fordblks += arena.chunks.size(row) * UNIT;
      }
  }
  return {
    ...sum,
    hblks: mapped.count,
    hblkhd: mapped.bytes,
    uordblks: sum.arena - sum.fordblks,
    keepcost: main.top.size,
  };
}

/** The chunks of a bin from its front. */
export function rowsOf({ bins, chunks }: Arena, bin: number): Row[] {
  const found: Row[] = [];
  for (let row = bins.first(bin); row !== bin; row = chunks.rows.data[row * STRIDE + FORWARD])
    found.push(row);
  return found;
}

/** Starts are those of blocks, as the space has them. The lists of other arenas and threads than the first say whose they are. */
export function showLists({ all, main, cache }: Arenas, show: InternalsSink): void {
  const list = (name: string, owned: readonly (readonly [Arena, Row])[]) => {
    if (owned.length === 0) return;
    show.list(name);
    for (const [{ chunks, layout }, row] of owned)
      show.entry(layout.block(chunks.start(row)), chunks.size(row) * UNIT);
  };
  cache.walk((thread, units, entries) =>
    list(
      `${thread === 0 ? "" : `thread ${thread}: `}thread cache ${units * UNIT}`,
      entries.map((entry) => [all[cache.arena(entry)], cache.row(entry)] as const),
    ),
  );
  all.forEach((arena, number) => {
    const { chunks, fast, layout, top } = arena;
    if (top.break === 0 && arena !== main) return;
    const whose = number === 0 ? "" : `arena ${number}: `;
    const own = (name: string, rows: readonly Row[]) =>
      list(
        whose + name,
        rows.map((row) => [arena, row] as const),
      );
    fast.walk((units, rows) => own(`fastbin ${units * UNIT}`, rows));
    own("unsorted bin", rowsOf(arena, UNSORTED));
    for (let bin = UNSORTED + 1; bin < BINS; bin++) {
      const rows = rowsOf(arena, bin);
      const small = bin < layout.bin(layout.large);
      if (rows.length > 0) own(small ? `small bin ${chunks.size(rows[0]) * UNIT}` : `large bin ${bin}`, rows);
    }
    show.list(`${whose}top`);
    if (top.size > 0) show.entry(layout.block(top.start), top.size - layout.word);
  });
}
