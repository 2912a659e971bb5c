/**
 * Compaction of a segment in one pass over its nodes: `Space.slide` has what it comes to.
 *
 * One hole, the gap, rises through the segment: what is given back falls into it, what moves leaves it above itself,
 * holes on the way become part of it. Where a block stays, or keeps a distance from the one below, what is free there
 * is done with, and another gap begins. Rows of holes and slots are used and given up as by single moves, so that
 * playback, which moves one by one, has the same; what is spared is to link, list and measure the gap every time.
 *
 * Until it is closed the gap counts as a hole, but is linked and listed nowhere, and is 0 long. The counters of the space
 * are left to the space: of what was done here there are sums.
 */
import type { Column } from "./columns.ts";
import { inGranules } from "./granules.ts";
import type { Graph } from "./graph.ts";
import type { LargestHole } from "./largest-hole.ts";
import type { Pages } from "./pages.ts";
import type { Probe } from "./probe.ts";
import { chainRow, linkHole, type Node, newRow, Row, State, Tally } from "./rows.ts";
import { SpaceError } from "./space-error.ts";

const { LOG2, LENGTH, PREVIOUS, NEXT, PAYLOAD, STATE } = Row;
const { VACANT } = Tally;
const { vacant, live, garbage, control } = State;

/** Where the block of `slot` goes, in bytes; `lowest` is the lowest address that is free for it. */
export type Destination = (slot: number, lowest: number) => number;

/** The parts of a space that a slide works on. */
export interface Parts {
  readonly granule: number;
  readonly slotRows: Column<Int32Array>;
  readonly holeRows: Column<Int32Array>;
  readonly tallies: Int32Array;
  readonly longest: LargestHole;
  readonly pages: Pages;
  readonly graph: Graph;
  readonly nameOf: (slot: number) => string;
}

export class Slide {
  // What the last one did.
  /** Blocks that it passed, dead or alive. */
  passed = 0;
  /** Granules of blocks given back, and of those of them that were live. */
  given = 0;
  givenLive = 0;
  /** Live blocks given back, and bytes asked for in them. */
  died = 0;
  diedBytes = 0;
  /** Blocks moved, and their granules. */
  moves = 0;
  movedGranules = 0;

  private readonly granule: number;
  private readonly granuleLog2: number;
  private readonly slotRows: Column<Int32Array>;
  private readonly holeRows: Column<Int32Array>;
  private readonly tallies: Int32Array;
  private readonly longest: LargestHole;
  private readonly pages: Pages;
  private readonly graph: Graph;
  private readonly nameOf: (slot: number) => string;

  constructor(parts: Parts) {
    this.granule = parts.granule;
    this.granuleLog2 = 31 - Math.clz32(parts.granule);
    this.slotRows = parts.slotRows;
    this.holeRows = parts.holeRows;
    this.tallies = parts.tallies;
    this.longest = parts.longest;
    this.pages = parts.pages;
    this.graph = parts.graph;
    this.nameOf = parts.nameOf;
  }

  /** Compacts the segment of `edge`. `moved[slot]` is made 1 for each that moves; the probe is told as if one by one. */
  run(edge: Node, to: Destination | undefined, moved: Uint8Array, probe: Probe | undefined): void {
    this.given = 0;
    this.givenLive = 0;
    this.died = 0;
    this.diedBytes = 0;
    const slots = this.slotRows.data;
    const marked = this.graph.on;
    const { marks } = this.graph;
    let passed = 0;
    let moves = 0;
    let movedGranules = 0;
    // What is placed already ends with `last`, at `free`, where the gap begins, if there is one.
    let last = edge;
    let gap: Node = 0;
    let free = 0;
    // Pages of [dirty, free) are touched once the run of moved blocks ends.
    let dirty = 0;
    let node = slots[(edge << LOG2) + NEXT];
    while (node !== edge) {
      if (node < 0) {
        // Only where there is no gap: behind a block that stayed, or at the segment's start.
        gap = node;
        free = dirty = this.holeRows.data[-node << LOG2];
        node = this.absorb(node, true);
        continue;
      }
      const row = node << LOG2;
      const start = slots[row];
      const state = slots[row + STATE];
      let next = slots[row + NEXT];
      if (state !== control) passed++;
      if (state === garbage || (state === live && marked && marks[node] === 0)) {
        if (gap === 0) {
          gap = next < 0 ? next : newRow(this.holeRows, this.tallies);
          free = dirty = start;
        }
        if (next < 0) next = this.absorb(next, next === gap);
        this.giveBack(node, probe);
        node = next;
        continue;
      }
      const at = gap !== 0 && state === live ? this.destination(to, node, free, start) : start;
      const hole = gap;
      if (at !== start && next < 0) next = this.absorb(next, false);
      if (gap === 0 || at === free) {
        slots[(last << LOG2) + NEXT] = node;
        slots[row + PREVIOUS] = last;
      } else {
        this.close(gap, free, at, last, node);
        this.pages.touch(dirty * this.granule, free * this.granule);
        dirty = at;
        gap = at !== start ? newRow(this.holeRows, this.tallies) : 0;
      }
      const length = slots[row + LENGTH];
      if (at !== start) {
        slots[row] = at;
        moves++;
        movedGranules += length;
        moved[node] = 1;
        if (probe !== undefined) probe.moved(node, start, at, length, hole, at - free);
      }
      free = at + length;
      last = node;
      node = next;
    }
    if (gap !== 0) {
      const row = edge << LOG2;
      this.close(gap, free, slots[row] + slots[row + PAYLOAD], last, edge);
      this.pages.touch(dirty * this.granule, free * this.granule);
    } else {
      slots[(last << LOG2) + NEXT] = edge;
      slots[(edge << LOG2) + PREVIOUS] = last;
    }
    this.passed = passed;
    this.moves = moves;
    this.movedGranules = movedGranules;
  }

  /** The start of the live block in `slot` from now on, between `free` and the one that it has. */
  private destination(to: Destination | undefined, slot: Node, free: number, start: number): number {
    if (to === undefined) return free;
    const { granule } = this;
    const at = inGranules(to(slot, free * granule), granule, this.granuleLog2);
    if (at < free || at > start)
      throw new SpaceError(
        `${this.nameOf(slot)} cannot slide to ${at * granule}: free is [${free * granule}, ${start * granule})`,
      );
    return at;
  }

  /** The block of `slot` is no more. */
  private giveBack(slot: Node, probe: Probe | undefined): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    const length = slots[row + LENGTH];
    if (probe !== undefined) probe.released(slot);
    this.given += length;
    if (slots[row + STATE] === live) {
      this.givenLive += length;
      this.died++;
      this.diedBytes += slots[row + PAYLOAD];
    }
    if (this.graph.on) this.graph.reclaimed(slot);
    slots[row + STATE] = vacant;
    slots[row] = this.tallies[VACANT];
    this.tallies[VACANT] = slot;
  }

  /** A hole that the slide comes to is the gap from now on (`keep`), or part of it. Returns what is behind it. */
  private absorb(hole: Node, keep: boolean): Node {
    const holes = this.holeRows.data;
    const row = -hole << LOG2;
    this.longest.remove(-hole, holes[row + LENGTH]);
    holes[row + LENGTH] = 0;
    if (!keep) chainRow(holes, this.tallies, hole);
    return holes[row + NEXT];
  }

  /** The gap is a hole for good: [start, end), between `before` and `after`. */
  private close(gap: Node, start: number, end: number, before: Node, after: Node): void {
    linkHole(this.holeRows.data, this.slotRows.data, gap, start, end - start, before, after);
    this.longest.insert(-gap, end - start);
  }
}
