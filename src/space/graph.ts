/**
 * The object graph: which fields each object has, which object each of them refers to, and where the program holds
 * on: roots and pins. By slot, so that moving an object changes nothing here.
 *
 * It is there for collectors, from the first event of a trace that has to do with references; until then `on` is
 * false, and what lives is what was not freed. From then on what roots and pins reach is live, whatever else is in
 * the space is not, and a collection finds out. Replay feeds it; a policy reads:
 *
 *   marking       mark(), then isMarked(slot)
 *   tracing       inOrder of roots and pins, and for each slot its references:
 *                   const { cells } = graph;                        // once nothing is allocated in between
 *                   const first = graph.first(slot);
 *                   for (let i = first; i < first + graph.fields(slot); i++) if (cells[i] !== 0) ... cells[i] ...
 *   one field     target(slot, field)
 *   remembering   Collector.stored(source, field, target), Collector.rooted(slot)
 *
 * A free in the trace is a death that is known at once. References to the dead are null, but found and cleared only
 * when a collection begins: between `beginCollection` and `endCollection` every reference leads to a live slot.
 * A collection that finds objects unreachable must have each of them `die` or `give`n back before it ends.
 *
 * 9 bytes a slot, and 4 a field and for each object that has any; marking 5 bytes a slot more, outside the columns, as
 * it never outlives a collection. How many fields an object has is in the cell before them: a table of its own was
 * one more cache miss an object, and a quarter of the time of marking.
 */
import type { Kernel, Registers } from "../kernel/kernel.ts";
import { FIRSTS, FLAGS, GRAPH_ON, GRAPH_SLOTS, MARKS, QUEUE } from "../kernel/registers.ts";
import type { Column, Columns } from "./columns.ts";
import { FieldPool } from "./field-pool.ts";
import { SlotList } from "./slot-list.ts";

const ROOT = 1;
const PIN = 2;
/** Some field was made to refer to the slot since it was last vacant. */
const REFERRED = 4;
const LISTED_ROOT = 8;
const LISTED_PIN = 16;
const LISTED = LISTED_ROOT | LISTED_PIN;

/** In the state: whether there is a graph; objects born; see `letGo`; deaths of which references may be left. */
const ON = 0;
const BIRTHS = 1;
const LET_GO = 2;
const DANGLING = 3;

/** Objects that marking looks up at once. */
const BATCH = 64;
const MOST_MARKS = 255;

export class Graph {
  /** Told when a live object dies or is reclaimed, while there is a graph. For replay. */
  lost: ((slot: number) => void) | undefined;

  private readonly isLive: (slot: number) => boolean;
  private readonly columns: Columns;
  private readonly kernel: Kernel | undefined;
  /** By slot: the first cell of its fields, 0 without any. cells[first - 1] is how many. */
  private readonly firsts: Column<Int32Array>;
  /** By slot: the object's number by birth. */
  private readonly births: Column<Int32Array>;
  private readonly flags: Column<Uint8Array>;
  private readonly pool: FieldPool;
  private readonly rootList: SlotList;
  private readonly pinList: SlotList;
  private readonly state: Float64Array;
  /** By slot: how many references, roots and pins led the last `mark` there, at most MOST_MARKS. */
  private marked: Uint8Array;
  /** What more led there, each time the slot. */
  private readonly beyond: number[] = [];
  private queue: Int32Array;
  /** Of the batch of marking at hand: where each object's fields begin. */
  private readonly runs = new Int32Array(BATCH);

  constructor(columns: Columns, isLive: (slot: number) => boolean, kernel?: Kernel) {
    this.isLive = isLive;
    this.columns = columns;
    this.kernel = kernel;
    kernel?.add(this);
    this.marked = columns.array(Uint8Array, 0);
    this.queue = columns.array(Int32Array, 0);
    this.firsts = columns.int32(16);
    this.births = columns.int32(16);
    this.flags = columns.uint8(16);
    this.pool = new FieldPool(columns);
    const birth = (slot: number) => this.birth(slot);
    this.rootList = new SlotList(columns, this.flags, ROOT, LISTED_ROOT, birth);
    this.pinList = new SlotList(columns, this.flags, PIN, LISTED_PIN, birth);
    this.state = columns.float64(4).data;
  }

  bind(registers: Registers): void {
    registers.set(GRAPH_ON, this.on ? 1 : 0);
    registers.set(GRAPH_SLOTS, this.flags.data.length);
    registers.point(FIRSTS, this.firsts.data);
    registers.point(FLAGS, this.flags.data);
    registers.point(MARKS, this.marked);
    registers.point(QUEUE, this.queue);
    this.pool.bind(registers);
  }

  // Reading

  get on(): boolean {
    return this.state[ON] !== 0;
  }

  /** Number of reference fields of the object in `slot`. */
  fields(slot: number): number {
    const first = this.firsts.data[slot];
    return first === 0 ? 0 : this.pool.cells.data[first - 1];
  }

  /** Where its fields begin in `cells`. */
  first(slot: number): number {
    return this.firsts.data[slot];
  }

  /** Fields of all objects: slots, 0 for null. Replaced when objects are added. */
  get cells(): Int32Array {
    return this.pool.cells.data;
  }

  /** The slot that field `field` refers to, 0 for null. */
  target(slot: number, field: number): number {
    return this.pool.cells.data[this.firsts.data[slot] + field];
  }

  /** The object's number in the trace by birth, from 0; those that were refused have theirs too. */
  birth(slot: number): number {
    return this.births.data[slot];
  }

  isRoot(slot: number): boolean {
    return this.rootList.has(slot);
  }

  isPinned(slot: number): boolean {
    return this.pinList.has(slot);
  }

  /** Slots of the roots, oldest object first. Good until the next event. */
  roots(): Int32Array {
    return this.rootList.inOrder();
  }

  /** Slots of the pinned objects, oldest first. Good until the next event. */
  pins(): Int32Array {
    return this.pinList.inOrder();
  }

  /** How often so far a reference was overwritten, a root or pin taken off, an object freed: something may be dead. */
  get letGo(): number {
    return this.state[LET_GO];
  }

  // Marking

  /**
   * Marks what roots and pins reach, without recursion. Returns how many objects. Breadth first, a few objects at a time:
   * no look-up waits for the one before, nor for a branch, so that the cache misses overlap, and half of the time goes.
   */
  mark(): number {
    const slots = this.flags.data.length;
    if (this.marked.length < slots) {
      this.marked = this.columns.array(Uint8Array, slots);
      this.queue = this.columns.array(Int32Array, slots); // each slot is put in once at most, 0 never
    } else this.marked.fill(0);
    const marks = this.marked;
    const queue = this.queue;
    let end = 0;
    this.beyond.length = 0;
    marks[0] = 1; // null leads nowhere
    for (const held of [this.roots(), this.pins()])
      for (let i = 0; i < held.length; i++) {
        queue[end] = held[i];
        end += (marks[held[i]] - 1) >>> 31;
        this.count(held[i]);
      }
    end = this.markCompiled(end) ?? this.markFrom(end);
    marks[0] = 0;
    return end;
  }

  /** The kernel does. */
  private markCompiled(from: number): number | undefined {
    const { kernel } = this;
    if (!kernel?.bind()) return undefined;
    kernel.beyond = (slot) => this.beyond.push(slot);
    return kernel.mark(from);
  }

  /** Goes on from the first `from` slots of the queue. */
  private markFrom(from: number): number {
    const { marked: marks, queue, runs } = this;
    const firsts = this.firsts.data;
    const cells = this.pool.cells.data;
    let end = from;
    for (let done = 0; done < end; ) {
      const some = Math.min(end - done, BATCH);
      for (let i = 0; i < some; i++) runs[i] = firsts[queue[done + i]];
      done += some;
      for (let i = 0; i < some; i++) {
        const first = runs[i];
        if (first === 0) continue;
        for (let at = first, last = first + cells[first - 1]; at < last; at++) {
          const target = cells[at];
          const mark = marks[target];
          queue[end] = target;
          end += (mark - 1) >>> 31; // 1 if it was 0
          if (mark === MOST_MARKS) this.count(target);
          else marks[target] = mark + ((0 - target) >>> 31); // null keeps its 1
        }
      }
    }
    return end;
  }

  /**
   * How many references of what the last `mark` reached, and roots, lead to slots for which `chosen` has 1; without it,
   * to any. Pins are no references. Only within the collection that marked. O(slots).
   */
  references(chosen?: Uint8Array): number {
    const marks = this.marked;
    let count = 0;
    if (chosen === undefined) for (let slot = 1; slot < marks.length; slot++) count += marks[slot];
    else if (this.kernel?.sees(chosen) && this.kernel.bind())
      count = this.kernel.references(Math.min(marks.length, chosen.length), chosen);
    else {
      const end = Math.min(marks.length, chosen.length);
      for (let slot = 1; slot < end; slot++) count += marks[slot] * chosen[slot];
    }
    for (const slot of this.beyond) count += chosen === undefined ? 1 : chosen[slot];
    for (const slot of this.pins()) count -= chosen === undefined ? 1 : chosen[slot];
    return count;
  }

  /** By slot: not 0 if the last `mark` reached it. Only within the collection that marked. */
  get marks(): Uint8Array {
    return this.marked;
  }

  /** Whether the last `mark` reached it. Only within the collection that marked. */
  isMarked(slot: number): boolean {
    return this.marked[slot] > 0;
  }

  // For replay

  /** An object is to be placed in `slot`, whose fields are null. Before the policy is asked for it. */
  add(slot: number, fields: number): void {
    const state = this.state;
    if (fields > 0) state[ON] = 1;
    if (slot >= this.flags.data.length) {
      this.flags.grow(slot + 1);
      this.firsts.grow(slot + 1);
      this.births.grow(slot + 1);
    }
    this.firsts.data[slot] = fields > 0 ? this.pool.take(fields) : 0;
    this.births.data[slot] = state[BIRTHS]++;
  }

  /** Field `field` of `source` refers to `target`, or to none if that is 0. */
  store(source: number, field: number, target: number): void {
    const cells = this.pool.cells.data;
    const at = this.firsts.data[source] + field;
    if (cells[at] !== 0) this.state[LET_GO]++;
    cells[at] = target;
    if (target !== 0) this.flags.data[target] |= REFERRED;
  }

  root(slot: number): void {
    this.state[ON] = 1;
    this.rootList.set(slot);
  }

  unroot(slot: number): void {
    this.state[ON] = 1;
    this.state[LET_GO]++;
    this.rootList.clear(slot);
  }

  pin(slot: number): void {
    this.state[ON] = 1;
    this.pinList.set(slot);
  }

  unpin(slot: number): void {
    this.state[ON] = 1;
    this.state[LET_GO]++;
    this.pinList.clear(slot);
  }

  // For the space, while `on`

  /** The object in `slot` is dead. `found` by a collection, with all that refers to it; otherwise the trace says so. */
  died(slot: number, found: boolean): void {
    if (slot >= this.flags.data.length) return;
    if (!found) {
      this.state[LET_GO]++;
      if ((this.flags.data[slot] & REFERRED) !== 0) this.state[DANGLING]++;
    }
    this.drop(slot);
    this.lost?.(slot);
  }

  /** `slot` holds nothing any more, and may be used again. */
  vacated(slot: number, found: boolean): void {
    if (slot >= this.flags.data.length) return;
    this.drop(slot);
    // A policy that gives what was freed back at once pays for it: the slot must not be taken for its next object.
    if (!found && (this.flags.data[slot] & REFERRED) !== 0) this.settle();
    this.flags.data[slot] &= LISTED;
  }

  /** A collection that marked takes the unreached object in `slot` away: `died`, then `vacated`. */
  reclaimed(slot: number): void {
    if (slot >= this.flags.data.length) return;
    this.drop(slot);
    this.flags.data[slot] &= LISTED;
    this.lost?.(slot);
  }

  /** Clears every reference to what is not live. O(fields), if anything that was referred to has died. */
  settle(): void {
    if (this.state[DANGLING] === 0) return;
    this.state[DANGLING] = 0;
    const cells = this.pool.cells.data;
    for (const first of this.firsts.data) {
      if (first === 0) continue;
      for (let at = first, end = first + cells[first - 1]; at < end; at++)
        if (cells[at] !== 0 && !this.isLive(cells[at])) cells[at] = 0;
    }
  }

  /** Throws unless only live objects have fields, roots and pins, and none refers to a slot that is vacant. */
  validate(isVacant: (slot: number) => boolean): void {
    for (let slot = 1; slot < this.flags.data.length; slot++) {
      const held = (this.flags.data[slot] & (ROOT | PIN)) !== 0;
      if (!held && this.fields(slot) === 0) continue;
      if (!this.isLive(slot))
        throw new Error(`slot ${slot} is not live and has references, or is held on to`);
      for (let field = 0; field < this.fields(slot); field++) {
        const target = this.target(slot, field);
        if (target !== 0 && isVacant(target))
          throw new Error(`field ${field} of slot ${slot} refers to slot ${target}, which holds nothing`);
      }
    }
  }

  /** One more way leads to `slot`. */
  private count(slot: number): void {
    if (this.marked[slot] === MOST_MARKS) this.beyond.push(slot);
    else this.marked[slot]++;
  }

  private drop(slot: number): void {
    if (this.firsts.data[slot] !== 0) this.pool.give(this.firsts.data[slot]);
    this.firsts.data[slot] = 0;
    this.flags.data[slot] &= ~(ROOT | PIN);
  }
}
