/** The collections of a generational copying collector; `generational.ts` has the algorithm and the costs. */
import { Cost, WORD } from "../../space/cost.ts";
import { Counter, type Slot, type Space, State } from "../../space/space.ts";
import { breadthFirst } from "../breadth-first.ts";
import { findDead, liveWords } from "../marking.ts";
import type { Ages } from "./ages.ts";
import { Evacuation, type Promotion } from "./evacuation.ts";
import type { MatureHalves } from "./mature-halves.ts";
import type { RememberedSet } from "./remembered-set.ts";
import type { YoungSpaces } from "./young-spaces.ts";

export class GenerationalCopy implements Promotion {
  private readonly space: Space;
  private readonly young: YoungSpaces;
  private readonly mature: MatureHalves;
  private readonly remembered: RememberedSet;
  private readonly ages: Ages;
  /** What reaches this age is promoted. */
  private readonly age: number;
  private readonly evacuation: Evacuation;

  constructor(
    space: Space,
    young: YoungSpaces,
    mature: MatureHalves,
    remembered: RememberedSet,
    ages: Ages,
    age: number,
  ) {
    this.space = space;
    this.young = young;
    this.mature = mature;
    this.remembered = remembered;
    this.ages = ages;
    this.age = age;
    this.evacuation = new Evacuation(space, young, this, remembered);
  }

  isOldEnough(slot: Slot): boolean {
    return this.ages.of(slot) >= this.age;
  }

  survived(slot: Slot): void {
    this.ages.grow(slot);
  }

  /** Within a collection. The mature half must have room for all that is young. */
  minor(): void {
    const { space, evacuation, remembered } = this;
    const { graph } = space;
    let scanned = 0;
    let entries = 0;
    evacuation.begin(this.mature.top);
    if (graph.on) {
      const roots = graph.roots();
      for (const slot of roots) evacuation.reach(slot);
      const fields = remembered.take();
      entries = fields.length;
      for (const entry of fields) {
        const field = remembered.field(entry);
        evacuation.scan(remembered.source(entry), field, field + 1, true);
      }
      evacuation.drain();
      for (const slot of graph.pins()) evacuation.reach(slot);
      evacuation.drain();
      scanned = roots.length + 2 * entries;
    } else evacuation.copyAll();
    this.mature.promoted(evacuation.end(scanned));
    space.needExtra(this.young.survivor + entries * WORD);
  }

  /** Within a collection. A half must have room for all that lives. */
  major(): void {
    const { space } = this;
    const { graph } = space;
    findDead(space);
    const live: Slot[] = [];
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (node < 0) continue;
      if (space.state(node) === State.live) live.push(node);
      else if (space.state(node) === State.garbage) node = space.give(node);
    }
    this.mature.flip(graph.on ? breadthFirst(graph, space.slotLimit) : live);
    this.young.clear();
    this.remembered.clear();
    const words = liveWords(space);
    space.count(Cost.markedWords, words);
    space.count(Cost.touchedWords, 3 * words + space.counter(Counter.liveBlocks));
    space.count(Cost.updatedReferences, this.references(live));
    space.needExtra(this.mature.half);
  }

  /** Everything has moved: how many roots and fields refer to something. */
  private references(live: readonly Slot[]): number {
    const { graph } = this.space;
    if (!graph.on) return 0;
    const { cells } = graph;
    let count = graph.roots().length;
    for (const slot of live) {
      const first = graph.first(slot);
      for (let at = first, end = first + graph.fields(slot); at < end; at++) if (cells[at] !== 0) count++;
    }
    return count;
  }
}
