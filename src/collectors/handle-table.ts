/**
 * A table of handles: a word for each object, which holds its address, so that whoever moves it writes one word.
 *
 * The table is control memory. In an arena it lies at the top and grows down, a block of so many handles at a time,
 * into what is free there; in a heap that grows it has a segment of its own, and grows by pages. It never shrinks, and
 * a handle that was given back is used again, the last one first.
 *
 *   links[handle] = the next vacant handle, 0 for none; of one in use, less its slot
 */
import type { Column } from "../space/columns.ts";
import { WORD } from "../space/cost.ts";
import { Control, PAGE, type Segment, type Slot, type Space, SpaceError, State } from "../space/space.ts";

const HANDLES = 0;
const VACANT = 1;
const LOWEST = 2;
const SEGMENT = 3;

export class HandleTable {
  /** Bytes by which the table grows. */
  readonly step: number;
  private readonly space: Space;
  private readonly links: Column<Int32Array>;
  /** By slot: its handle, 0 for none. */
  private readonly handles: Column<Int32Array>;
  /** [handles, first vacant one, node above which the table in an arena lies, segment of one that grows]. */
  private readonly state: Column<Int32Array>;

  /** `handles`: how many an arena's table grows by. */
  constructor(space: Space, handles: number) {
    this.space = space;
    this.step = space.grows ? PAGE : Math.ceil((handles * WORD) / 16) * 16;
    this.links = space.columns.int32(64);
    this.handles = space.columns.int32(64);
    this.state = space.columns.int32(4);
    this.state.data[LOWEST] = space.heap;
  }

  /** Whether there is a vacant handle; extends the table if that takes no more than free memory. */
  ready(): boolean {
    return this.state.data[VACANT] !== 0 || this.extend();
  }

  /** The object in `slot` gets a handle; one is ready. */
  take(slot: Slot): void {
    const state = this.state.data;
    const handle = state[VACANT];
    state[VACANT] = this.links.data[handle];
    this.hold(handle, slot);
  }

  /** The object of `from` lives in `to` from now on, and keeps its handle. */
  pass(from: Slot, to: Slot): void {
    const handle = this.handles.data[from];
    this.handles.data[from] = 0;
    this.hold(handle, to);
  }

  /** The object's handle is vacant again. */
  drop(slot: Slot): void {
    const state = this.state.data;
    const handle = this.handles.data[slot];
    this.handles.data[slot] = 0;
    this.links.data[handle] = state[VACANT];
    state[VACANT] = handle;
  }

  /** Throws unless each block has a handle of its own, and all others are vacant. */
  validate(): void {
    const { space } = this;
    const links = this.links.data;
    let held = 0;
    for (let slot = 1; slot < space.slotLimit; slot++) {
      const block = space.state(slot) === State.live || space.state(slot) === State.garbage;
      const handle = slot < this.handles.data.length ? this.handles.data[slot] : 0;
      if (block !== handle > 0) throw new SpaceError(`slot ${slot} has handle ${handle}`);
      if (handle > 0 && links[handle] !== -slot)
        throw new SpaceError(`handle ${handle} is not that of slot ${slot}`);
      if (handle > 0) held++;
    }
    let vacant = 0;
    for (let handle = this.state.data[VACANT]; handle > 0; handle = links[handle]) vacant++;
    if (held + vacant !== this.state.data[HANDLES])
      throw new SpaceError(`${held} handles are held, ${vacant} vacant, of ${this.state.data[HANDLES]}`);
  }

  private hold(handle: number, slot: Slot): void {
    this.links.data[handle] = -slot;
    if (slot >= this.handles.data.length) this.handles.grow(slot + 1);
    this.handles.data[slot] = handle;
  }

  private extend(): boolean {
    const { space, step } = this;
    const state = this.state.data;
    if (space.grows) {
      const segment: Segment = state[SEGMENT];
      if (segment === 0) state[SEGMENT] = space.map(step);
      else if (space.extend(step, segment) === 0) return false;
      if (state[SEGMENT] === 0) return false;
      space.reserveIn(space.previous(state[SEGMENT]), 0, step, Control.table);
    } else {
      const hole = space.previous(state[LOWEST]);
      if (hole >= 0 || space.length(hole) < step) return false;
      state[LOWEST] = space.reserveIn(hole, space.length(hole) - step, step, Control.table);
    }
    const from = state[HANDLES] + 1;
    state[HANDLES] += step / WORD;
    this.links.grow(state[HANDLES] + 1);
    // The lowest is given out first.
    for (let handle = state[HANDLES]; handle >= from; handle--) {
      this.links.data[handle] = state[VACANT];
      state[VACANT] = handle;
    }
    return true;
  }
}
