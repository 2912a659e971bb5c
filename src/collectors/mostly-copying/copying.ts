/**
 * One collection of pages: what lives is copied to free pages, in the order in which it is reached; objects that are
 * pinned, and in one mode all that share a page with them, stay. So do the fullest pages where there is no room for all.
 */
import { type Slot, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import { breadthFirst } from "../breadth-first.ts";
import type { Bump } from "../bump.ts";
import { eachBlock } from "../each-block.ts";
import type { Moved } from "../moved.ts";
import { Census } from "../regions/census.ts";
import type { Humongous } from "../regions/humongous.ts";
import { Kind, type RegionTable } from "../regions/region-table.ts";

export class Copying {
  /** Pages filled by the last collection. */
  filled = 0;
  private readonly space: Space;
  private readonly table: RegionTable;
  private readonly large: Humongous;
  private readonly to: Bump;
  private readonly alignments: Alignments;
  private readonly moved: Moved;
  /** Objects of so many bytes do not move. */
  private readonly fixed: number;
  private readonly wholePages: boolean;

  constructor(
    space: Space,
    table: RegionTable,
    large: Humongous,
    to: Bump,
    alignments: Alignments,
    moved: Moved,
    fixed: number,
    wholePages: boolean,
  ) {
    this.space = space;
    this.table = table;
    this.large = large;
    this.to = to;
    this.alignments = alignments;
    this.moved = moved;
    this.fixed = fixed;
    this.wholePages = wholePages;
  }

  run(): void {
    const { space, table, wholePages } = this;
    const { graph } = space;
    this.filled = 0;
    this.to.close();
    const pinned = new Uint8Array(table.count);
    const pins = graph.pins();
    for (let i = 0; i < pins.length; i++) pinned[table.of(space.start(pins[i]))] = 1;
    const full = this.tooFull(pinned);
    const order = graph.on ? breadthFirst(graph, space.slotLimit) : this.byAddress();
    const left: number[] = [];
    for (let i = 0; i < order.length; i++) {
      const slot = order[i];
      if (graph.on && graph.isPinned(slot)) continue;
      const page = table.of(space.start(slot));
      if ((wholePages && pinned[page] === 1) || full[page] === 1) continue;
      if (table.kind(page) === Kind.humongous) this.copyLarge(slot, left);
      else this.copy(slot);
    }
    for (const page of left) table.set(page, Kind.free);
    this.sweep(pinned);
  }

  /**
   * Pages with the most alive, as many as must stay since the free ones do not hold it all: otherwise objects of every
   * page would be copied, and hardly a page would be left empty.
   */
  private tooFull(pinned: Uint8Array): Uint8Array {
    const { space, table } = this;
    const full = new Uint8Array(table.count);
    if (space.grows) return full;
    const live = new Float64Array(table.count);
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      if (space.state(slot) === State.live) live[table.of(space.start(slot))] += space.length(slot);
    });
    const pages: number[] = [];
    for (let page = 0; page < table.count; page++)
      if (table.kind(page) === Kind.used && !(this.wholePages && pinned[page] === 1)) pages.push(page);
    pages.sort((a, b) => live[a] - live[b] || a - b);
    let room = table.free * table.size;
    for (const page of pages) {
      room -= live[page];
      if (room < 0) full[page] = 1;
    }
    return full;
  }

  private byAddress(): Slot[] {
    const { space } = this;
    const slots: Slot[] = [];
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      if (space.state(slot) === State.live) slots.push(slot);
    });
    return slots;
  }

  private copy(slot: Slot): void {
    const { space, table, to } = this;
    const length = space.length(slot);
    const align = this.alignments.of(slot);
    let start = to.startOf(length, align);
    if (start < 0) {
      const page = this.freePage();
      if (page < 0) return;
      to.open(table.startOf(page), table.endOf(page));
      start = to.startOf(length, align);
      if (start < 0) return;
    }
    to.move(start, slot);
    this.moved.add(slot);
  }

  /** The pages that it leaves are free only at the end. */
  private copyLarge(slot: Slot, left: number[]): void {
    const { space, table } = this;
    const length = space.length(slot);
    if (length >= this.fixed) return;
    const to = this.large.find(length, this.alignments.of(slot), 0);
    if (to < 0) return;
    const last = table.of(space.end(slot) - 1);
    for (let page = table.of(space.start(slot)); page <= last; page++) left.push(page);
    space.move(slot, to);
    this.moved.add(slot);
    this.filled += Math.ceil(length / table.size);
  }

  private freePage(): number {
    const { space, table } = this;
    if (table.free === 0 && space.grows) {
      const end = (table.count + 1) * table.size;
      if (space.extend(end - space.segmentEnd(space.heap)) !== 0) table.reach(end);
    }
    const page = table.takeFree();
    if (page >= 0) this.filled++;
    return page;
  }

  /** Pages on which nothing lives are free; what is dead on the others stays, unless only pinned objects are left there. */
  private sweep(pinned: Uint8Array): void {
    const { space, table } = this;
    const census = new Census(space, table, this.large);
    for (let page = 0; page < table.count; page++) {
      if (table.kind(page) !== Kind.used) continue;
      const empty = census.live[page] === 0;
      if (!empty && (this.wholePages || pinned[page] !== 1)) continue;
      for (const slot of census.blocks(space, table, page))
        if (space.state(slot) === State.garbage) space.give(slot);
      if (empty) table.set(page, Kind.free);
    }
  }
}
