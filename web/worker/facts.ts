/** What the page is shown: traces, policies on them, the moment at the cursor, and pictures of it. Plain data. */
import type { Collection, Refusal } from "../../src/replay/recorder.ts";
import type { Fidelity, OP_NAMES, Phase } from "../../src/traces/trace.ts";
import type { Colouring } from "./colouring.ts";
import type { OriginNames } from "./origins.ts";

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
  /** Empty where the trace knows nothing of them. */
  readonly origins: OriginNames;
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
  /** Of each collection of the event: how many moves. */
  readonly each: readonly number[];
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
  /** What was asked for: the view that is wanted by now may be another. */
  readonly view: View;
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
