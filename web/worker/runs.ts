/** What lies in a range of addresses, as columns in address order: all that the painter needs of a heap. */
import type { Node } from "../../src/space/block-map.ts";
import { type Slot, type Space, State } from "../../src/space/space.ts";
import { toneOf as toneById } from "./palette.ts";
import type { Filter, SegmentFacts } from "./protocol.ts";

export const Kind = { hole: 0, live: 1, garbage: 2, control: 3 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Run i: bytes [start, start + length); of a block the payload is [start + offset, start + offset + payload). */
export class Runs {
  count = 0;
  start = new Float64Array(1024);
  length = new Float64Array(1024);
  offset = new Float64Array(1024);
  payload = new Float64Array(1024);
  kind = new Uint8Array(1024);
  tone = new Uint8Array(1024);
  /** Was moved by the last event. */
  moved = new Uint8Array(1024);
  slot = new Int32Array(1024);
  /** 1: what a filter leaves out; 2: a hole that it finds. */
  emphasis = new Uint8Array(1024);

  clear(): void {
    this.count = 0;
  }

  /** The first run that ends behind `address`. O(log runs). */
  indexAt(address: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.start[middle] + this.length[middle] <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The next run's index; its columns are to be filled. */
  add(): number {
    if (this.count === this.kind.length) this.#grow();
    return this.count++;
  }

  #grow(): void {
    const wider = <A extends Float64Array | Uint8Array | Int32Array>(old: A): A => {
      const next = new (old.constructor as new (length: number) => A)(old.length * 2);
      next.set(old);
      return next;
    };
    this.start = wider(this.start);
    this.length = wider(this.length);
    this.offset = wider(this.offset);
    this.payload = wider(this.payload);
    this.kind = wider(this.kind);
    this.tone = wider(this.tone);
    this.moved = wider(this.moved);
    this.slot = wider(this.slot);
    this.emphasis = wider(this.emphasis);
  }
}

/** How runs look, besides where they lie. */
export interface Look {
  /** Of blocks. */
  readonly isMoved?: (slot: Slot) => boolean;
  readonly toneOf?: (slot: Slot) => number;
  /** What it does not find is drawn faint. */
  readonly filter?: Filter | undefined;
}

/** Appends the nodes of one segment that meet [from, to). O(nodes there). */
export function collectRuns(
  runs: Runs,
  space: Space,
  from: number,
  to: number,
  { isMoved = () => false, toneOf = (slot) => toneById(space.id(slot)), filter }: Look = {},
): void {
  let node = space.at(from);
  while (node !== 0 && !isEdge(space, node)) {
    const start = space.start(node);
    if (start >= to) return;
    const i = addNode(runs, space, node, start);
    runs.moved[i] = node > 0 && isMoved(node) ? 1 : 0;
    if (runs.kind[i] === Kind.live || runs.kind[i] === Kind.garbage) runs.tone[i] = toneOf(node);
    runs.emphasis[i] = filter === undefined ? 0 : emphasisOf(runs, i, filter);
    node = space.next(node);
  }
}

/** Every node of the space. */
export function allRuns(space: Space): Runs {
  const runs = new Runs();
  for (const { start, length } of segmentsOf(space)) collectRuns(runs, space, start, start + length);
  return runs;
}

export const segmentsOf = (space: Space): SegmentFacts[] =>
  Array.from(space.segments(), (edge) => ({ start: space.start(edge), length: space.segmentLength(edge) }));

export const isEdge = (space: Space, node: Node): boolean => node > 0 && space.state(node) === State.edge;

function addNode(runs: Runs, space: Space, node: Node, start: number): number {
  const i = runs.add();
  runs.start[i] = start;
  runs.length[i] = space.length(node);
  runs.slot[i] = node;
  const state = node < 0 ? State.vacant : space.state(node);
  if (state === State.live || state === State.garbage) {
    runs.kind[i] = state === State.live ? Kind.live : Kind.garbage;
    runs.offset[i] = space.offset(node);
    runs.payload[i] = space.payload(node);
  } else {
    runs.kind[i] = node < 0 ? Kind.hole : Kind.control;
    runs.offset[i] = 0;
    runs.payload[i] = runs.length[i];
  }
  return i;
}

function emphasisOf(runs: Runs, i: number, { kind, low, high }: Filter): number {
  const found = runs.kind[i] === Kind[kind] && runs.length[i] >= low && runs.length[i] < high;
  if (!found) return 1;
  return kind === "hole" ? 2 : 0;
}
