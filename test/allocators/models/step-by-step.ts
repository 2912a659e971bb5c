/** A model to which a test gives one request after another. Objects are named A, B, C ... as they are drawn. */

import type { Policy } from "../../../src/allocators/contract.ts";
import { choosePolicy } from "../../../src/replay/policies.ts";
import { Replay } from "../../../src/replay/replay.ts";
import { Cost } from "../../../src/space/cost.ts";
import { draw, list } from "../../../src/space/draw.ts";
import { Op } from "../../../src/traces/trace.ts";

const NO_OFFSET = -1;

export class StepByStep {
  readonly run: Replay;
  readonly #policy: Policy;

  /** `call` is `NAME[:key=value,...]`. Everything is checked after every request. */
  constructor(call: string, heap: number | "grow", others: readonly Policy[] = []) {
    const choice = choosePolicy(call, others);
    this.#policy = choice.policy;
    this.run = new Replay({ ...choice, heap, validateEvery: 1 });
  }

  /** The payload's offset; -1 where it is refused. */
  malloc(name: string, bytes: number): number {
    return this.#request(Op.allocate, name, bytes, 0);
  }

  memalign(name: string, align: number, bytes: number): number {
    return this.#request(Op.memalign, name, bytes, align);
  }

  /** -1 where it is refused: then the object stays where it is. */
  realloc(name: string, bytes: number): number {
    return this.#request(Op.reallocate, name, bytes, 0);
  }

  free(...names: string[]): void {
    for (const name of names) this.#request(Op.free, name, 0, 0);
  }

  /** `AA..BBB.`, `unit` bytes a character. */
  draw(unit: number): string {
    return draw(this.run.space, { unit, name: (slot) => this.run.space.id(slot) });
  }

  /** `START LENGTH WHAT` of everything, exact to the byte. */
  list(): string[] {
    return list(this.run.space);
  }

  /** The policy's lists as it shows them: `NAME: START+LENGTH ...`. */
  internals(): string[] {
    const lists: string[][] = [];
    this.run.allocator.internals?.({
      list: (name) => lists.push([`${name}:`]),
      entry: (start, length, state) => lists.at(-1)?.push(`${start}+${length}${state ? ` (${state})` : ""}`),
    });
    return lists.map((words) => words.join(" "));
  }

  /** The last decision, in the policy's words. */
  reason(): string {
    const { code, values } = this.run.allocator.reason?.() ?? { code: "", values: [] };
    return this.#policy.reasons[code].replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)]));
  }

  /** Blocks that `request` looked at. */
  steps(request: () => void): number {
    const before = this.run.space.cost(Cost.searchSteps);
    request();
    return this.run.space.cost(Cost.searchSteps) - before;
  }

  #request(op: Op, name: string, bytes: number, argument: number): number {
    const id = name.charCodeAt(0) - 64;
    const { run } = this;
    const refusals = run.meter.refusals;
    const [row, ids, sizes, arguments_] = [id, id, bytes, argument].map((value) => Int32Array.of(value));
    run.feed({ events: 1, op: Uint8Array.of(op), row, id: ids, bytes: sizes, argument: arguments_ });
    const slot = run.objects.slot(id);
    if (op === Op.free || run.meter.refusals > refusals) return NO_OFFSET;
    return run.space.start(slot) + run.space.offset(slot);
  }
}
