/** What lies in a range of addresses, as columns in address order: all that the painter needs of a heap. */
import type { Node } from "../../src/space/block-map.ts";
import { type Slot, type Space, State } from "../../src/space/space.ts";
import { toneOf } from "./palette.ts";

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

  clear(): void {
    this.count = 0;
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
  }
}

/** Appends the nodes of one segment that meet [from, to). O(nodes there). */
export function collectRuns(
  runs: Runs,
  space: Space,
  from: number,
  to: number,
  isMoved: (slot: Slot) => boolean = () => false,
): void {
  let node = space.at(from);
  while (node !== 0 && !isEdge(space, node)) {
    const start = space.start(node);
    if (start >= to) return;
    addNode(runs, space, node, start, node > 0 && isMoved(node));
    node = space.next(node);
  }
}

export const isEdge = (space: Space, node: Node): boolean => node > 0 && space.state(node) === State.edge;

function addNode(runs: Runs, space: Space, node: Node, start: number, moved: boolean): void {
  const i = runs.add();
  runs.start[i] = start;
  runs.length[i] = space.length(node);
  runs.slot[i] = node;
  runs.moved[i] = moved ? 1 : 0;
  const state = node < 0 ? State.vacant : space.state(node);
  if (state === State.live || state === State.garbage) {
    runs.kind[i] = state === State.live ? Kind.live : Kind.garbage;
    runs.tone[i] = toneOf(space.id(node));
    runs.offset[i] = space.offset(node);
    runs.payload[i] = space.payload(node);
  } else {
    runs.kind[i] = node < 0 ? Kind.hole : Kind.control;
    runs.offset[i] = 0;
    runs.payload[i] = runs.length[i];
  }
}
