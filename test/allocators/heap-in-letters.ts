/** Drives a policy through the conductor, object by object: A, B, C ... The space and the policy are checked each time. */
import { type InternalsSink, type Policy, REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { draw } from "../../src/space/draw.ts";
import { Op } from "../../src/traces/trace.ts";

export class Heap {
  readonly run: Replay;
  readonly #policy: Policy;

  /** `choice` as the command line has it. */
  constructor(choice: string, heap: number | "grow") {
    const chosen = choosePolicy(choice);
    this.#policy = chosen.policy;
    this.run = new Replay({ ...chosen, heap, validateEvery: 1 });
  }

  /** The payload's address, or REFUSED. */
  allocate(name: string, bytes: number, align = 0): number {
    this.#feed(align > 0 ? Op.memalign : Op.allocate, name, bytes, align);
    return this.address(name);
  }

  reallocate(name: string, bytes: number): number {
    this.#feed(Op.reallocate, name, bytes, 0);
    return this.address(name);
  }

  free(...names: string[]): void {
    for (const name of names) this.#feed(Op.free, name, 0, 0);
  }

  address(name: string): number {
    const { objects, space } = this.run;
    const slot = objects.slot(rowOf(name));
    return slot === 0 ? REFUSED : space.start(slot) + space.offset(slot);
  }

  /** One letter a granule. */
  get picture(): string {
    return draw(this.run.space, { name: (slot) => this.run.space.id(slot) });
  }

  /** The policy's lists as it shows them: starts, in their order. */
  get freeList(): number[] {
    const starts: number[] = [];
    const show: InternalsSink = { list: () => {}, entry: (start) => starts.push(start) };
    this.run.allocator.internals?.(show);
    return starts;
  }

  /** The words of the last decision, with its values in place. */
  get reason(): string {
    const { code, values } = this.run.allocator.reason!();
    return this.#policy.reasons[code].replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)]));
  }

  #feed(op: Op, name: string, bytes: number, argument: number): void {
    const row = rowOf(name);
    this.run.feed({
      events: 1,
      op: Uint8Array.of(op),
      row: Int32Array.of(row),
      id: Int32Array.of(row + 1),
      bytes: Int32Array.of(bytes),
      argument: Int32Array.of(argument),
    });
  }
}

const rowOf = (name: string) => name.charCodeAt(0) - "A".charCodeAt(0);
