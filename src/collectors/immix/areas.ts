/**
 * Immix's blocks, each of lines. They are called areas here, as a block is what an object holds.
 *
 *   area k = [k * AREA, (k + 1) * AREA), cut off at the end of the heap; line i = [i * LINE, (i + 1) * LINE)
 *   a line is marked if, at the last collection, an object of at most a line began in it, or a longer one covered it
 *   run = lines that are not marked, less the first of them behind a marked one, into which an object may reach
 *
 * Of each area: whether it is free, recyclable (it has runs that nobody has filled since) or in use; how many runs and
 * marked lines the last collection found in it.
 */
import type { Column, Columns } from "../../space/columns.ts";
import type { Address } from "../../space/space.ts";

export const AREA = 32 * 1024;
export const LINE = 256;
const LINES = AREA / LINE;
/** An area with fewer is not worth emptying. */
const FEWEST_RUNS = 2;

export const Kind = { free: 0, recyclable: 1, used: 2 } as const;

/** In the state. */
const COUNT = 0;
const FREE = 1;
const FIRST_FREE = 2;
const NEXT_RECYCLABLE = 3;

export class Areas {
  /** By line. */
  private readonly marks: Column<Uint8Array>;
  private readonly kinds: Column<Uint8Array>;
  private readonly runs: Column<Uint8Array>;
  private readonly marked: Column<Uint8Array>;
  /** Areas that the collection at hand empties, if it can. */
  private candidates: Uint8Array;
  /** [areas, free ones, no free one is below this one, no recyclable one below this one; end of the heap]. */
  private readonly state: Column<Float64Array>;

  constructor(columns: Columns) {
    this.marks = columns.uint8();
    this.kinds = columns.uint8();
    this.runs = columns.uint8();
    this.marked = columns.uint8();
    this.candidates = new Uint8Array(0);
    this.state = columns.float64(5);
  }

  get count(): number {
    return this.state.data[COUNT];
  }
  get free(): number {
    return this.state.data[FREE];
  }
  get end(): Address {
    return this.state.data[4];
  }
  /** End of the highest area that is not free. */
  get top(): Address {
    let area = this.count;
    while (area > 0 && this.kinds.data[area - 1] === Kind.free) area--;
    return Math.min(area * AREA, this.end);
  }
  kind(area: number): number {
    return this.kinds.data[area];
  }
  runsOf(area: number): number {
    return this.runs.data[area];
  }
  endOf(area: number): Address {
    return Math.min((area + 1) * AREA, this.end);
  }

  /** The heap's areas end at `end`. Areas that go are free. */
  reach(end: Address): void {
    const state = this.state.data;
    const count = Math.ceil(end / AREA);
    this.marks.grow(count * LINES);
    this.kinds.grow(count);
    this.runs.grow(count);
    this.marked.grow(count);
    state[FREE] += count - state[COUNT];
    for (let area = state[COUNT]; area < count; area++) this.clear(area);
    state[COUNT] = count;
    state[FIRST_FREE] = Math.min(state[FIRST_FREE], count);
    state[4] = end;
  }

  /** Takes the lowest free area. -1: there is none. */
  takeFree(): number {
    const state = this.state.data;
    if (state[FREE] === 0) return -1;
    const kinds = this.kinds.data;
    let area = state[FIRST_FREE];
    while (kinds[area] !== Kind.free) area++;
    kinds[area] = Kind.used;
    state[FREE]--;
    state[FIRST_FREE] = area + 1;
    return area;
  }

  /** Takes the lowest recyclable area that is no candidate. -1: there is none. */
  takeRecyclable(): number {
    const state = this.state.data;
    const kinds = this.kinds.data;
    const { candidates } = this;
    for (let area = state[NEXT_RECYCLABLE]; area < state[COUNT]; area++) {
      if (kinds[area] !== Kind.recyclable || candidates[area] === 1) continue;
      kinds[area] = Kind.used;
      state[NEXT_RECYCLABLE] = area + 1;
      return area;
    }
    state[NEXT_RECYCLABLE] = state[COUNT];
    return -1;
  }

  /** Whether some recyclable area was not taken since the last collection. */
  get someLeft(): boolean {
    const kinds = this.kinds.data;
    for (let area = this.state.data[NEXT_RECYCLABLE]; area < this.count; area++)
      if (kinds[area] === Kind.recyclable) return true;
    return false;
  }

  /** Start of the first run in the area of `from`, at or above it; the area's end if there is none. */
  runFrom(from: Address, area: number): Address {
    const marks = this.marks.data;
    const first = area * LINES;
    const end = Math.ceil(this.endOf(area) / LINE);
    for (let line = Math.ceil(from / LINE); line < end; line++)
      if (marks[line] === 0 && (line === first || marks[line - 1] === 0)) return line * LINE;
    return this.endOf(area);
  }

  /** End of the run that starts at `start`. */
  runEnd(start: Address, area: number): Address {
    const marks = this.marks.data;
    const end = Math.ceil(this.endOf(area) / LINE);
    let line = start / LINE;
    while (line < end && marks[line] === 0) line++;
    return Math.min(line * LINE, this.endOf(area));
  }

  /**
   * Chooses the areas to empty: those with the most runs, and then fewer, until they have more marked lines than
   * the others and `headroom` areas have free ones; by the marks of the last collection, as the new ones are yet to be
   * made. Returns how many.
   */
  choose(headroom: number): number {
    const { runs, marked } = this;
    const count = this.count;
    this.candidates = new Uint8Array(count);
    const needed = new Float64Array(LINES + 1);
    const offered = new Float64Array(LINES + 1);
    let available = Math.min(headroom, this.free) * LINES;
    for (let area = 0; area < count; area++) {
      if (this.kinds.data[area] === Kind.free) continue;
      needed[runs.data[area]] += marked.data[area];
      if (this.kinds.data[area] !== Kind.recyclable) continue;
      offered[runs.data[area]] += LINES - marked.data[area];
      available += LINES - marked.data[area];
    }
    let least = LINES + 1;
    let required = 0;
    while (least > FEWEST_RUNS && required < available) {
      least--;
      required += needed[least];
      available -= offered[least];
    }
    let chosen = 0;
    for (let area = 0; area < count; area++) {
      if (this.kinds.data[area] === Kind.free || runs.data[area] < least) continue;
      this.candidates[area] = 1;
      chosen++;
    }
    this.state.data[NEXT_RECYCLABLE] = 0;
    return chosen;
  }

  isCandidate(address: Address): boolean {
    return this.candidates[Math.floor(address / AREA)] === 1;
  }

  /** All lines lose their marks: `mark` follows, for each object, then `sweep`. */
  unmark(): void {
    this.marks.data.fill(0);
    this.candidates = new Uint8Array(0);
  }

  /** Marks the lines of an object: all, or that of its start only if it is no longer than a line. */
  mark(start: Address, end: Address): void {
    const marks = this.marks.data;
    const first = Math.floor(start / LINE);
    marks[first] = 1;
    if (end - start > LINE) for (let line = first + 1; line * LINE < end; line++) marks[line] = 1;
  }

  /** Counts marked lines and runs of each area; those without marks are free. */
  sweep(): void {
    const state = this.state.data;
    state[FREE] = 0;
    state[FIRST_FREE] = state[COUNT];
    state[NEXT_RECYCLABLE] = 0;
    for (let area = state[COUNT] - 1; area >= 0; area--) {
      this.tally(area);
      if (this.kinds.data[area] !== Kind.free) continue;
      state[FREE]++;
      state[FIRST_FREE] = area;
    }
  }

  private tally(area: number): void {
    const marks = this.marks.data;
    const end = Math.ceil(this.endOf(area) / LINE);
    let marked = 0;
    let runs = 0;
    for (let line = area * LINES; line < end; line++) marked += marks[line];
    for (let at = this.runFrom(area * AREA, area); at < this.endOf(area); runs++)
      at = this.runFrom(this.runEnd(at, area), area);
    this.marked.data[area] = marked;
    this.runs.data[area] = runs;
    this.kinds.data[area] = marked === 0 ? Kind.free : runs > 0 ? Kind.recyclable : Kind.used;
  }

  private clear(area: number): void {
    this.kinds.data[area] = Kind.free;
    this.runs.data[area] = 0;
    this.marked.data[area] = 0;
    this.marks.data.fill(0, area * LINES, (area + 1) * LINES);
    this.state.data[FIRST_FREE] = Math.min(this.state.data[FIRST_FREE], area);
  }
}
