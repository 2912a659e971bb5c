/** What the page and its worker say to each other: plain data; large typed arrays are transferred. */

import type { Collection, Refusal } from "../../src/replay/recorder.ts";
import type { Scenario } from "../../src/scenarios/scenario.ts";
import type { Fidelity, OP_NAMES, Phase } from "../../src/traces/trace.ts";
import type { BandCells } from "./address-band.ts";
import type { Colouring } from "./colouring.ts";

/** What is replayed: a generated trace, or the bytes of a file. */
export type Input =
  | { readonly kind: "workload"; readonly call: string; readonly seed: number }
  | { readonly kind: "file"; readonly name: string; readonly file: Blob };

/** Work that takes long tells how far it is, 0 .. 1. */
export type OnProgress = (share: number, doing: string) => void;

export interface TraceFacts {
  readonly name: string;
  readonly hash: string;
  readonly events: number;
  readonly objects: number;
  readonly peakLiveBytes: number;
  readonly fidelity: Fidelity;
  readonly anomalies: readonly { readonly kind: string; readonly count: number }[];
  readonly phases: readonly Phase[];
}

/** Bucket i covers the events from i * width on. */
export interface SeriesFacts {
  readonly name: string;
  readonly width: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
}

/** One policy, replayed: what does not change with the cursor. */
export interface LaneFacts {
  readonly policy: string;
  readonly collector: boolean;
  readonly hash: string;
  readonly heap: number | "grow";
  readonly granule: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly series: readonly SeriesFacts[];
  readonly refusals: readonly Refusal[];
  readonly collections: readonly Collection[];
}

export interface Loaded {
  readonly trace: TraceFacts;
  readonly lanes: readonly LaneFacts[];
}

/** What the event before the cursor asked for, and what became of it. */
export interface LastEvent {
  readonly op: (typeof OP_NAMES)[number];
  /** 0 where the event names no object. */
  readonly id: number;
  /** Asked for; 0 where nothing is. */
  readonly bytes: number;
  /** Of a store: the field, and the id that it refers to, undefined for none. */
  readonly field: number;
  readonly target: number | undefined;
  /** `noted`: references, roots, pins, collections. `ignored`: the policy is an allocator, which knows none of them. */
  readonly outcome: "placed" | "in place" | "freed" | "garbage" | "refused" | "skipped" | "noted" | "ignored";
  /** Of the block that was placed or freed; its length is 0 when there is none. */
  readonly start: number;
  readonly length: number;
}

/** A range worth pointing at. */
export interface Mark {
  /** `request` lies over the largest hole as the refused block would; `excess` is what sticks out of it. */
  readonly kind: "claimed" | "freed" | "largest" | "request" | "excess";
  readonly start: number;
  readonly length: number;
}

/** What the last event's collection did, or its collections together. */
export interface CollectionFacts {
  readonly moves: number;
  readonly movedBytes: number;
  readonly reclaimed: number;
  /** What it cost: see `Cost`. */
  readonly touchedWords: number;
  readonly updatedReferences: number;
  /** The most that one of them needed beside the heap. */
  readonly extraBytes: number;
}

export interface SegmentFacts {
  readonly start: number;
  readonly length: number;
}

/** One policy at the cursor. */
export interface Moment {
  /** Events applied. */
  readonly event: number;
  /** `momentOf` the space: the library's own figures. */
  readonly values: Readonly<Record<string, number>>;
  readonly last: LastEvent | undefined;
  readonly refusal: Refusal | undefined;
  readonly collection: CollectionFacts | undefined;
  readonly segments: readonly SegmentFacts[];
  readonly marks: readonly Mark[];
}

export type ThemeName = "light" | "dark";

/** Which part of the address space is drawn, and how. */
export interface View {
  /** Bytes of a row: a power of two. */
  readonly rowBytes: number;
  /** Device pixels from one row to the next. */
  readonly rowHeight: number;
  /** Rows scrolled away at the top. */
  readonly top: number;
}

/** One row on the picture: bytes [start, end) of a segment, `x` in device pixels. */
export interface Row {
  readonly start: number;
  readonly end: number;
  readonly y: number;
  readonly x0: number;
  readonly x1: number;
  /** First row of a segment. */
  readonly first: boolean;
}

/** Which runs of the map stand out: those of a kind with low <= bytes < high. */
export interface Filter {
  readonly kind: "live" | "hole";
  readonly low: number;
  readonly high: number;
}

export interface PictureRequest {
  readonly lane: number;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  readonly view: View;
  readonly theme: ThemeName;
  readonly colouring: Colouring;
  readonly filter: Filter | undefined;
  /** Of the last event's collection: how many moves are done; the fraction is under way. All when undefined. */
  readonly moves: number | undefined;
  /** Of that collection's marking: how many waves have run; what they have not reached looks dead. */
  readonly waves: number | undefined;
  /** Draw where the heap differs from that of another lane now, or from its own after `event` events. */
  readonly against: Against | undefined;
}

export interface Against {
  readonly lane?: number;
  readonly event?: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly rows: readonly Row[];
  /** Rows of the whole space at this view. */
  readonly rowCount: number;
}

export interface Shown {
  readonly moments: readonly Moment[];
  /** In the order of the requests. */
  readonly pictures: readonly Picture[];
}

/** What lies at an address. */
export interface Detail {
  readonly kind: "live" | "garbage" | "control" | "hole";
  readonly start: number;
  readonly length: number;
  /** Of an object. */
  readonly id: number;
  readonly bytes: number;
  readonly offset: number;
  readonly born: number;
  /** Of a control range. */
  readonly use: string;
  readonly tone: number;
}

/** Which part of time and addresses is drawn. */
export interface TimeRequest {
  /** Events applied at the left and at the right edge. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  /** Addresses; undefined for all that are ever used. */
  readonly range: { readonly low: number; readonly high: number } | undefined;
}

export interface TimeByAddress extends TimeRequest {
  /** Bytes of the heap's segment at the end of each column. */
  readonly ends: Float64Array<ArrayBuffer>;
  readonly heap: BandCells;
  /** Segments mapped apart from the heap, if there are any: what lies between is left out. */
  readonly mapped: BandCells | undefined;
}

/** How many live blocks and holes there are of each length: bin i has 2^i <= bytes < 2^(i + 1). */
export interface Histogram {
  readonly event: number;
  readonly live: { readonly counts: readonly number[]; readonly bytes: readonly number[] };
  readonly holes: { readonly counts: readonly number[]; readonly bytes: readonly number[] };
}

/** A collection taken apart: blocks before it, and the moves in their order. Bytes. */
export interface Compaction {
  readonly event: number;
  readonly extent: SegmentFacts;
  readonly moves: {
    readonly count: number;
    readonly id: Int32Array;
    readonly from: Float64Array;
    readonly to: Float64Array;
    readonly length: Float64Array;
    readonly tone: Uint8Array;
  };
}

/** Of all ranges that a refused request would fit in, the one with the fewest live bytes. Bytes. */
export interface Blockers {
  readonly event: number;
  readonly need: number;
  /** From the first byte that would be used to the end of the last block in the way. */
  readonly start: number;
  readonly length: number;
  /** Of live blocks in it. */
  readonly bytes: number;
  readonly blocks: number;
  /** Lowest first. */
  readonly inTheWay: readonly Omit<Pin, "back">[];
}

/** A policy's own lists. Bytes. */
export interface Internals {
  readonly event: number;
  /** Whether the policy shows any. */
  readonly has: boolean;
  readonly lists: readonly {
    readonly name: string;
    readonly count: number;
    readonly bytes: number;
    /** In the list's order; of very long ones the first. `state`: what is special about one. */
    readonly entries: readonly (SegmentFacts & { readonly state: string })[];
  }[];
}

/** What a collection did before its moves. */
export interface Passes {
  readonly event: number;
  /** Objects reached in all, and in each wave: those that so many references lie between and the roots. */
  readonly objects: number;
  readonly waves: readonly number[];
  /** References, and roots, that lead to something that moves. */
  readonly references: number;
  readonly roots: number;
  /** Some of these references, in their order. Addresses of blocks, before and after. */
  readonly arrows: readonly Arrow[];
}

export interface Arrow {
  /** The number of the reference, from 0. */
  readonly turn: number;
  /** Of its target. */
  readonly wave: number;
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

/** A live block near the end of a heap. Bytes. */
export interface Pin {
  readonly id: number;
  readonly bytes: number;
  readonly start: number;
  readonly length: number;
  readonly tone: number;
  /** The event that asked for it, from 0. */
  readonly born: number;
  /** What could be given back if it and all above it were gone. */
  readonly back: number;
}

/** What keeps the heap, the segment at 0, from shrinking at the cursor. Bytes. */
export interface Pins {
  readonly event: number;
  readonly heapBytes: number;
  /** Live blocks that were passed. */
  readonly blocks: number;
  /** Free above the topmost live block, and below it. */
  readonly trailing: number;
  readonly below: number;
  /** Topmost first. */
  readonly top: readonly Pin[];
  /** How many of the topmost blocks would have to go for that share of the heap to be given back. */
  readonly shares: readonly { readonly share: number; readonly blocks: number }[];
  /** The walk reached the heap's start. */
  readonly whole: boolean;
}

/** One policy of a comparison. */
export interface Measured {
  /** Bytes of the arena that it ran in, or a heap that grew. */
  readonly heap: number | "grow";
  /** `momentOf` its space at the event that was asked for. */
  readonly values: Readonly<Record<string, number>>;
  /** Of the whole replay. */
  readonly metrics: Readonly<Record<string, number>>;
}

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
  compaction(lane: number): Compaction | undefined;
  /** Of the collection at the cursor; its `show` knows waves from then on. */
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
