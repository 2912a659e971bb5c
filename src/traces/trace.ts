/**
 * A trace: what a program asked of its allocator, in order, as columns of typed arrays in chunks.
 *
 * An object has a number, its `id`, as the source wrote it. While it lives it also holds a `row`: of the rows that
 * were free when it was born the one that was given up last, or a new one if there was none, so that tables by row
 * stay as small as the most objects ever live at once.
 * A refused request does not end the object's life in the trace: rows speak of the program, not of a heap.
 */
/** What an event asks for. The values are those of the `.heaptrace` format and never change. */
export const Op = {
  /** malloc(bytes) */
  allocate: 0,
  /** calloc(argument, bytes / argument): zeroed memory. */
  callocate: 1,
  /** memalign(argument, bytes): the payload's address is a multiple of `argument`. */
  memalign: 2,
  /** realloc of a live object to `bytes`. */
  reallocate: 3,
  /** The object's death. A reference to it that is left somewhere is null from then on. */
  free: 4,
  /** Field `argument` of the object refers to the object of row `bytes` - 1, or to none where that is -1. */
  store: 5,
  /** The program holds on to the object by itself: what it reaches is live. A flag, not a count. */
  root: 6,
  unroot: 7,
  /** The object must not be moved, and is live as a root is. A flag, not a count. */
  pin: 8,
  unpin: 9,
  /** The program asks for a collection of what is young. */
  collectYoung: 10,
  /** The program asks for a full collection. */
  collect: 11,
  /** A mark: whoever prints what lives does so here. */
  print: 12,
} as const;
export type Op = (typeof Op)[keyof typeof Op];

/** Operations in words, by their value. */
export const OP_NAMES = [
  "malloc",
  "calloc",
  "memalign",
  "realloc",
  "free",
  "store",
  "root",
  "unroot",
  "pin",
  "unpin",
  "young collection",
  "full collection",
  "print",
] as const;

/** Event `i` of a chunk in words: `malloc of object 7, 64 bytes`. */
export function eventInWords({ op, id, bytes }: Chunk, i: number): string {
  const object = isObjectless(op[i]) ? "" : ` of object ${id[i]}`;
  return `${OP_NAMES[op[i]]}${object}${op[i] < Op.free ? `, ${bytes[i]} bytes` : ""}`;
}

/** Whether an object is born: malloc, calloc, memalign. */
export const isBirth = (op: number): boolean => op <= Op.memalign;
/** Whether the event names no object: its row and id are 0. */
export const isObjectless = (op: number): boolean => op >= Op.collectYoung;

/** Most bytes that one request may ask for: 2 GiB - 1. Columns and policies rely on it fitting 31 bits. */
export const MOST_BYTES = 0x7fffffff;
/** Most reference fields of one object: 2^24. */
export const MOST_FIELDS = 0x1000000;
/** Largest id: 2^31 - 1. */
export const LARGEST_ID = 0x7fffffff;
/** Events in every chunk but the last. */
export const CHUNK_EVENTS = 65536;

/** Up to CHUNK_EVENTS consecutive events; index i of each column is one event. */
export interface Chunk {
  readonly events: number;
  readonly op: Uint8Array;
  /** The object's row, 0 .. rows - 1; that of the source of a `store`. */
  readonly row: Int32Array;
  /** The object's number in the source, 0 .. LARGEST_ID. Unique among the live; never looked at by a policy. */
  readonly id: Int32Array;
  /**
   * Bytes asked for, 0 .. MOST_BYTES (calloc: the product). `store`: the row of its target + 1, 0 for null.
   * Otherwise 0.
   */
  readonly bytes: Int32Array;
  /**
   * malloc: FIELDS, how many references the object has room for, 0 .. MOST_FIELDS. calloc: the count (0 when the
   * product is 0 and the count is). memalign: the alignment. `store`: the field, 0 .. FIELDS - 1. Otherwise 0.
   */
  readonly argument: Int32Array;
  /** Where a recorder noted more than the requests. Not part of the hash; no policy sees it. */
  readonly recorded?: Recorded;
}

/** What a recorder knew of each event. A column of which nothing is known is empty. */
export interface Recorded {
  /** Nanoseconds since the first event. Threads may be out of step, so a time may be less than the one before. */
  readonly time: Float64Array;
  /** Index into `Trace.threads`. */
  readonly thread: Int32Array;
  /**
   * Of the payload that malloc, calloc, memalign and realloc returned: its low 52 bits, so without the tag that arm64
   * may keep in the top byte. 0 for other events, and where it is not known.
   */
  readonly address: Float64Array;
  /** Who called malloc, calloc, memalign or realloc, in `Trace.sites`. 0 for other events, and where it is not known. */
  readonly site: Int32Array;
}

/** A tree of call stacks; see sites.ts. */
export interface CallSites {
  /** Sites are 1 .. count. */
  readonly count: number;
  /** As text, by number. */
  readonly frames: readonly string[];
  /** The site that called it, a smaller one; 0 for the outermost. */
  parent(site: number): number;
  /** Number of its frame. */
  frame(site: number): number;
  /** Frames of the stack, the innermost first. */
  stack(site: number): string[];
}

/** Names of the columns of `Recorded`. */
export const RECORDED = ["time", "thread", "address", "site"] as const;
export type RecordedColumn = (typeof RECORDED)[number];

/** Events from .. to - 1 of a chunk, as a chunk of their own over the same memory. */
export const slice = (chunk: Chunk, from: number, to: number): Chunk => ({
  events: to - from,
  op: chunk.op.subarray(from, to),
  row: chunk.row.subarray(from, to),
  id: chunk.id.subarray(from, to),
  bytes: chunk.bytes.subarray(from, to),
  argument: chunk.argument.subarray(from, to),
  ...(chunk.recorded && {
    recorded: {
      time: chunk.recorded.time.subarray(from, to),
      thread: chunk.recorded.thread.subarray(from, to),
      address: chunk.recorded.address.subarray(from, to),
      site: chunk.recorded.site.subarray(from, to),
    },
  }),
});

/** `# phase NAME DETAIL` in the source: the events from `event` on belong to it. */
export interface Phase {
  readonly event: number;
  readonly name: string;
  readonly detail: string;
}

/** How far the events are what the program did (TRACES.md, importer rule 2). */
export type Fidelity = "exact" | "partial" | "ambiguous" | "derived";

/** Something odd that a lenient reader let pass, e.g. `free of an unknown object`, and how often. */
export interface Anomaly {
  readonly kind: string;
  readonly count: number;
}

export interface Trace {
  /** File name, workload call, or whatever tells a person where it comes from. Not part of the hash. */
  readonly name: string;
  readonly events: number;
  /** Allocations: how many objects are born. */
  readonly objects: number;
  /** Most objects live at once = rows. Who is never freed lives to the end, here; see `graph`. */
  readonly rows: number;
  /** Most bytes asked for and live at once. */
  readonly peakLiveBytes: number;
  /**
   * It has references, roots or pins: what they do not reach is dead, freed or not. Such a trace has no realloc.
   */
  readonly graph: boolean;
  readonly chunks: readonly Chunk[];
  readonly phases: readonly Phase[];
  /** Of the columns of `Recorded`, those that its chunks have. */
  readonly recorded: readonly RecordedColumn[];
  /** The system's numbers of the threads, in the order of their first event. Empty without that column. */
  readonly threads: readonly number[];
  /** The stacks that column `site` names. */
  readonly sites: CallSites;
  readonly fidelity: Fidelity;
  readonly anomalies: readonly Anomaly[];
  /** 16 hex digits over op, row, bytes and argument of every event: equal for equal requests, whatever the ids. */
  readonly hash: string;
}

/** Bad input: the message names the file, the line and the offending text, whatever of them is known. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}
