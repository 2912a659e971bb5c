/** What the page and its worker say to each other: plain data; large typed arrays are transferred. */
import type { Scenario } from "../../src/scenarios/scenario.ts";
import type {
  Blockers,
  Compaction,
  Detail,
  Histogram,
  Internals,
  Measured,
  Passes,
  Pins,
  TimeByAddress,
  TimeRequest,
} from "./answers.ts";
import type { Input, Loaded, OnProgress, Picture, PictureRequest, SegmentFacts, Shown } from "./facts.ts";

export type * from "./answers.ts";
export type * from "./facts.ts";

/** The page's engine, as comlink offers it. */
export interface Laboratory {
  /**
   * Opens `input`, or stays with the trace that is open, and replays every policy on it: all of it or, when it
   * throws, nothing. `heap` is a size, `grow`, or a multiple of peak live bytes. In a heap that grows, a policy that
   * cannot grow gets an arena as large as the first policy's heap ever was.
   */
  load(
    input: Input | undefined,
    policies: readonly string[],
    heap: string,
    progress: OnProgress,
  ): Promise<Loaded>;
  /** Ends a `load`, which then throws an error named `Cancelled`. */
  cancel(): void;
  show(event: number, requests: readonly PictureRequest[]): Promise<Shown>;
  detail(lane: number, address: number, moves: number | undefined): Detail | undefined;
  /** What lies in [from, to), at most `most` nodes. */
  list(lane: number, from: number, to: number, most: number): readonly Detail[];
  /** Throws an error named `Cancelled` when the same lane is asked again meanwhile, or loads. */
  timeByAddress(lane: number, request: TimeRequest): Promise<TimeByAddress>;
  internals(lane: number): Internals | undefined;
  histogram(lane: number): Histogram | undefined;
  /**
   * Of the event at the cursor: its collection of that number, from 0, or the first that moves something. What is asked
   * about moves and passes is about this one from then on, until the cursor moves.
   */
  compaction(lane: number, which?: number): Compaction | undefined;
  /** Of that collection; its `show` knows waves from then on. */
  passes(lane: number): Passes | undefined;
  /** The whole heap of a lane as one strip, `moves` of its collection done. */
  strip(request: PictureRequest, extent: SegmentFacts): Picture;
  /** Of the refusal at the cursor; at most `most` blocks. */
  blockers(lane: number, most: number): Blockers | undefined;
  /** At most `most` blocks. */
  pins(lane: number, most: number): Pins | undefined;
  /**
   * Replays `policy` on the trace that is open, keeping no log, and reads it at `event`. In a heap that grows, a policy
   * that cannot grow gets an arena of `arena` bytes.
   */
  measure(
    policy: string,
    heap: string,
    arena: number,
    event: number,
    progress: (share: number) => void,
  ): Promise<Measured>;
  /** Ends a `measure`, which then throws an error named `Cancelled`. */
  cancelMeasure(): void;
  /** Checks the text of a scenario file. Throws what is wrong with it, and where. */
  scenario(text: string, file: string): Promise<Scenario>;
  recordingHash(input: Input, policy: string, heap: string): Promise<string>;
}
