/** What the page asks about the moment at the cursor, one thing at a time. Plain data; bytes, if nothing else is said. */
import type { BandCells } from "./address-band.ts";
import type { SegmentFacts } from "./facts.ts";

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
  /** Who asked for it; "" where the trace does not know. */
  readonly thread: string;
  readonly site: string;
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
  /** Its number among those of the event, from 0. */
  readonly which: number;
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
  /** The event that asked for it, from 0, and the function; "" where the trace does not know. */
  readonly born: number;
  readonly site: string;
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
