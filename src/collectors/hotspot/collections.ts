/**
 * Which collections run when, and what is remembered from one to the next.
 *
 * For a request that eden has no room for (GenCollectedHeap::satisfy_failed_allocation): a young collection, if old has
 * room for all that is young; a full one if that is not so, or if the request still does not fit or less than 10,000
 * bytes of old are left after it. One that the program asks for is that one and no other.
 */
import { Cause } from "../../allocators/contract.ts";
import type { Column } from "../../space/columns.ts";
import type { Space } from "../../space/space.ts";
import { Trigger } from "../trigger.ts";
import type { FullCollection } from "./full-collection.ts";
import type { Generations } from "./generations.ts";
import type { Scavenge } from "./scavenge.ts";

/** Every so many full collections there is no dead wood (MarkSweepAlwaysCompactCount). */
const ALWAYS_COMPACT = 4;
/** Bytes that old must have left after a young collection that a request brought about. */
const LEAST_OLD = 10_000;

/** In the state: full collections so far; whether young ones are unsafe, and whether from takes new objects. */
const FULLS = 0;
const UNSAFE = 1;
const FROM_TOO = 2;

export class Collections {
  private readonly space: Space;
  private readonly generations: Generations;
  private readonly scavenge: Scavenge;
  private readonly fullCollection: FullCollection;
  private readonly always: boolean;
  private readonly trigger: Trigger;
  private readonly state: Column<Int32Array>;

  /** `fulls`: how many full ones there have been before. `always`: there is no dead wood, ever. */
  constructor(
    space: Space,
    generations: Generations,
    scavenge: Scavenge,
    fullCollection: FullCollection,
    fulls: number,
    always: boolean,
  ) {
    this.space = space;
    this.generations = generations;
    this.scavenge = scavenge;
    this.fullCollection = fullCollection;
    this.always = always;
    this.trigger = new Trigger(space);
    this.state = space.columns.int32(3);
    this.state.data[FULLS] = fulls;
  }

  /** Old had no room for all of young when a young collection was last to begin, or after the last full one. */
  get isUnsafe(): boolean {
    return this.state.data[UNSAFE] === 1;
  }

  /** The last full collection left objects in eden, and young ones are not safe: from takes new objects too. */
  get usesFrom(): boolean {
    return this.state.data[FROM_TOO] === 1;
  }

  allocated(bytes: number): void {
    this.trigger.allocated(bytes);
  }

  collect(cause: Cause): void {
    if (cause === Cause.young) this.young(cause);
    else this.full(cause, this.always);
  }

  /** For a request of `length` bytes. */
  makeRoom(length: number): void {
    const { generations } = this;
    if (!this.isUnsafe) {
      const done = this.young(Cause.exhausted);
      if (done && length <= generations.young.eden && generations.oldFree >= LEAST_OLD) return;
    }
    if (this.trigger.due(length)) this.full(Cause.exhausted, this.always);
  }

  /** A full collection without dead wood, as the last resort; whether there was any point in it. */
  makeMostRoom(length: number): boolean {
    if (!this.trigger.due(length)) return false;
    this.full(Cause.exhausted, true);
    return true;
  }

  /** Whether it was safe; otherwise nothing has been done. */
  private young(cause: Cause): boolean {
    const { space } = this;
    const { isSafe } = this.generations;
    if (!isSafe) this.state.data[UNSAFE] = 1;
    if (!isSafe && cause !== Cause.young) return false;
    space.beginCollection(cause);
    if (isSafe) this.scavenge.run();
    space.endCollection();
    return isSafe;
  }

  private full(cause: Cause, always: boolean): void {
    const { space, generations } = this;
    const state = this.state.data;
    const count = ++state[FULLS];
    space.beginCollection(cause);
    this.fullCollection.run(!always && count % ALWAYS_COMPACT !== 0);
    this.trigger.collected();
    space.endCollection();
    const tight = generations.young.edenTop > 0 && !generations.isSafe ? 1 : 0;
    state[UNSAFE] = tight;
    state[FROM_TOO] = tight;
  }
}
