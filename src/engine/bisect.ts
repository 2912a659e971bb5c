/** The first event at which two replays do not do the same to blocks; and two heaps at an event. */
import { setImmediate } from "node:timers/promises";
import { OptionError } from "../options/options.ts";
import type { Choice } from "../replay/policies.ts";
import { Replay } from "../replay/replay.ts";
import { type Change, Trail } from "../replay/trail.ts";
import { type Chunk, slice, type Trace } from "../traces/trace.ts";
import { kernelModule } from "./kernel-module.ts";

/** A replay that can be made again and again. */
export interface Side extends Choice {
  readonly trace: Trace;
  readonly heap: number | "grow";
}

/** What went wrong in one of them. */
export class SideError extends Error {
  override readonly name = "SideError";
  readonly side: Side;

  constructor(side: Side, cause: unknown) {
    super((cause as Error).message, { cause });
    this.side = side;
  }
}

/** Whose fault it is where `act` fails. */
function actOf<T>(side: Side, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof OptionError ? error : new SideError(side, error);
  }
}

/** Events that are compared in one go. */
const PIECE = 4096;

/** Undefined if the two do the same to the end. `progress` is told the share that is done. Throws SideError. */
export async function firstDifference(
  a: Side,
  b: Side,
  progress: (share: number) => void = () => {},
): Promise<number | undefined> {
  const here = actOf(a, () => new Walk(a));
  const there = actOf(b, () => new Walk(b));
  if (!here.trail.agrees(there.trail, 0)) return -1;
  const events = Math.min(a.trace.events, b.trace.events);
  const pieces = there.pieces();
  for (const piece of here.pieces()) {
    const other = pieces.next();
    if (other.done) break;
    const first = here.event;
    actOf(a, () => here.walk(piece));
    actOf(b, () => there.walk(other.value));
    const both = Math.min(piece.events, other.value.events);
    for (let i = 0; i < both; i++) if (!here.trail.agrees(there.trail, i)) return first + i;
    progress(here.event / events);
    await setImmediate(); // Ctrl-C is heard between pieces
  }
  return a.trace.events === b.trace.events ? undefined : events;
}

/** A replay before and after an event, and what it did there. */
export interface Moment {
  /** Undefined for the set-up. */
  readonly before?: Replay;
  readonly after: Replay;
  readonly changes: readonly Change[];
}

/** The moment of `event`; -1 is that of the policy's set-up. Throws SideError. */
export const momentAt = (side: Side, event: number): Moment => actOf(side, () => moment(side, event));

function moment(side: Side, event: number): Moment {
  const walk = new Walk(side);
  for (const piece of walk.pieces(event + 1)) walk.walk(piece);
  const { events } = side.trace;
  return {
    ...(event >= 0 && { before: replayTo(side, Math.min(event, events)) }),
    after: walk.replay,
    changes: event >= events ? [] : walk.trail.changes(walk.last),
  };
}

/** After `events` events, as fast as it goes. */
function replayTo(side: Side, events: number): Replay {
  const replay = new Replay({ ...side, record: false, metrics: false, kernel: kernelModule() });
  replay.prepare(side.trace);
  for (const piece of piecesOf(side.trace, events)) replay.feed(piece);
  return replay;
}

/** A replay whose changes are taken down, of the piece at hand. */
class Walk {
  readonly replay: Replay;
  readonly trail: Trail;
  private readonly side: Side;
  /** Of the piece at hand, which of its events is the last. */
  last = 0;

  constructor(side: Side) {
    this.side = side;
    this.trail = new Trail(side.policy.granule(side.options));
    this.replay = new Replay({ ...side, record: false, metrics: false, probe: this.trail });
    this.replay.prepare(side.trace);
    this.trail.endSetup();
  }

  get event(): number {
    return this.replay.event;
  }

  pieces(events = this.side.trace.events): Generator<Chunk> {
    return piecesOf(this.side.trace, events);
  }

  walk(piece: Chunk): void {
    this.trail.clear();
    this.replay.feed(piece, (i) => this.trail.endEvent(this.replay, piece, i));
    this.last = piece.events - 1;
  }
}

/** The first `events` events of a trace, or all that there are. */
function* piecesOf({ chunks }: Trace, events: number): Generator<Chunk> {
  let left = events;
  for (const chunk of chunks)
    for (let from = 0; from < chunk.events && left > 0; from += PIECE) {
      const piece = slice(chunk, from, Math.min(chunk.events, from + PIECE, from + left));
      left -= piece.events;
      yield piece;
    }
}
