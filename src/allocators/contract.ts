/**
 * What a policy is: a definition (name, options, citation) that makes an allocator on a space.
 *
 * All mutable state lives in `space.columns`, so that any moment can be saved and brought back. Nothing random,
 * no clock, no order of a hash table: same trace, options and seed give the same addresses everywhere.
 */
import type { Registers } from "../kernel/kernel.ts";
import type { OptionSpecs, Options } from "../options/options.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import type { Trace } from "../traces/trace.ts";

/** What `allocate` and `reallocate` return when they cannot: data, never an exception. */
export const REFUSED = -1;

/** Replay fills one such object anew for every event. */
export interface Request {
  /** allocate, reallocate: the asked slot that a new block goes into. */
  slot: Slot;
  /** free, reallocate: the slot that holds the object until now. */
  previous: Slot;
  /** The event's index in the trace, from 0. */
  event: number;
  /** Index into `Trace.threads`, in the order of their first event; 0 where the trace has no threads. */
  thread: number;
  /** Call site, an index of the trace's stacks; 0 where it has none. */
  site: number;
  /** calloc: the payload must read as zero. */
  zeroed: boolean;
}

/** Where an allocator's free memory is listed, for the overlay: called in the list's own order. */
export interface InternalsSink {
  /** A list, bin, tree or cache begins: `unsorted`, `bin 4`, `tcache 64`. */
  list(name: string): void;
  /** An entry of it. `state` says what is special: `victim`, `partial slab`. */
  entry(start: Address, length: number, state?: string): void;
}

/** Why the last decision fell as it did. `code` is a key of the definition's `reasons`; values fill its blanks. */
export interface Reason {
  readonly code: string;
  readonly values: readonly number[];
}

export interface Allocator {
  /** The payload's address, or REFUSED. `align` is 0 for malloc (the policy's own alignment), else a power of two. */
  allocate(bytes: number, align: number, request: Request): Address;
  free(address: Address, request: Request): void;
  /** The payload's address, which may be the same. REFUSED leaves the old block live. */
  reallocate(address: Address, bytes: number, request: Request): Address;
  /** The shortest block, in bytes with header and rounding, that could hold the request. */
  need(bytes: number, align: number): number;
  /** Start of the block whose payload is at `address`. */
  blockStart(address: Address): Address;
  /** Bytes of the block whose payload is at `address`, header and rounding included. */
  blockLength(address: Address): number;
  reason?(): Reason;
  /**
   * How `heapscape offsets` writes the place of a live payload, where the real allocator's own terms differ from the
   * offset in the heap: `m` for a block that was mapped by itself, `2:4096` for an arena or chunk and the offset in it.
   */
  place?(address: Address): string;
  internals?(show: InternalsSink): void;
  /** For the kernel, where there is one for the policy: sets the registers from OF_POLICY on. */
  bind?(registers: Registers): void;
  /** Throws if its own lists, links or tags do not hold together. For the contract tests. */
  validate?(): void;
  /**
   * Told once of the trace that is to come, before its first event and before any state is restored. Of a trace that is
   * too long for memory there are no `chunks`, unless the definition says that it `plans`; of one that is repeated this
   * is a round. What it decides belongs into columns, as everything else.
   */
  prepare?(trace: Trace): void;
}

/**
 * Why a collection runs: a request found no room; the program asks for a full one, or for one of what is young; or it is
 * a step of a longer one, of bounded work, that goes along with the program's own.
 */
export const Cause = { exhausted: 0, asked: 1, young: 2, step: 3 } as const;
export type Cause = (typeof Cause)[keyof typeof Cause];

/**
 * A policy that moves. `free` in a trace only tells it of a death; the block is garbage until it collects.
 * Where the trace has references (`space.graph.on`), what roots and pins do not reach is dead as well, and it is for
 * a collection to find out: by the end of it what it found has died (`space.die`) or is given back.
 * At a request the fields of the new object are known: `space.graph.fields(request.slot)`.
 */
export interface Collector extends Allocator {
  /** Without generations every collection is a full one. */
  collect(cause: Cause): void;
  /** After a store: field `field` of `source` refers to `target`, 0 for null. A write barrier. */
  stored?(source: Slot, field: number, target: Slot): void;
  /** After the program has put the object into its table of roots. */
  rooted?(slot: Slot): void;
}

/** What a collection promises. The contract suite holds every collector to it, on graphs of any shape. */
export interface Guarantees {
  /** Which collections leave nothing live that is unreachable: all, those for `Cause.asked`, or none for certain. */
  readonly finds: "all" | "when asked" | "some";
  /** Pinned objects stay where they are. false: there is no way to in the algorithm, and pins only keep alive. */
  readonly keepsPins: boolean;
  /** Survivors stay in the order of their addresses. */
  readonly keepsOrder: boolean;
  /** After one for `Cause.asked` what is free in a segment without pinned objects is one hole. */
  readonly compacts: boolean;
}

/** What people ask of an allocator first, each in a short phrase of plain text: its page in the handbook has them. */
export interface Facts {
  /** Who made or first described it, and when. */
  readonly author: string;
  /** Systems that use it. */
  readonly ships: string;
  /** Bytes of a block besides its payload. */
  readonly header: string;
  /** Where payloads begin. */
  readonly alignment: string;
  /** How free memory is kept, and which of it is taken. */
  readonly order: string;
  /** When free neighbours become one. */
  readonly coalescing: string;
  /**
   * The most memory that any sequence of requests can need, with its source, or that none is known. M is the most
   * memory that live blocks ever hold at once, n the longest block over the shortest.
   */
  readonly bound: string;
  /** What its searchSteps count. */
  readonly steps: string;
}

/** What people ask of a collector, each in a short phrase: the tables that compare collectors have them. */
export interface Collecting {
  /** How often it goes over the heap after marking, and what for. */
  readonly passes: string;
  /** What it needs beside the objects while it collects. */
  readonly extra: string;
  /** In which order survivors lie. */
  readonly order: string;
}

export interface Policy<S extends OptionSpecs = OptionSpecs> {
  /** As the command line writes it: kebab-case. */
  readonly name: string;
  /** `sequential fits`, `segregated fits`, `buddy systems`, `regions`, `collectors` ... as people know them. */
  readonly family: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** Paper, page, section, or program and version. */
  readonly source: string;
  /** Where the model departs from the real thing. */
  readonly departs: string;
  /** Every policy of the registry has them; one of your own need not. */
  readonly facts?: Facts;
  /** Of a collector. */
  readonly collecting?: Collecting;
  /** `allocator` never moves; `collector` implements `Collector`. */
  readonly kind: "allocator" | "collector";
  /** Collectors must have them, allocators have none. */
  readonly guarantees?: (options: Options<S>) => Guarantees;
  /** `at once`: no two free neighbours are ever apart. `deferred` or `never`: free ranges may lie unmerged. */
  readonly coalesces: (options: Options<S>) => "at once" | "deferred" | "never";
  /** false: it manages an arena of a size given in advance, and a heap that grows is refused. Default: true. */
  readonly growable?: boolean;
  /** true: `prepare` needs the events of a whole trace, which can then be neither repeated nor read in pieces. Default: false. */
  readonly plans?: boolean;
  readonly options: S;
  /** 4, 8 or 16: every block start and length is a multiple. */
  readonly granule: (options: Options<S>) => number;
  /** By what name the kernel does the policy's plain events, if it knows how; see src/kernel. */
  readonly kernel?: (options: Options<S>) => string | undefined;
  /** Words for `Reason.code`; `{0}`, `{1}` stand for the values. */
  readonly reasons: Readonly<Record<string, string>>;
  create(space: Space, options: Options<S>): Allocator;
}

/** 12,345 */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** A reason in the policy's words. */
export function inWords(policy: Policy, { code, values }: Reason): string {
  return (policy.reasons[code] ?? code).replace(/\{(\d)\}/g, (_, i) => grouped(values[Number(i)]));
}

/** Keeps the types of the options together; adds nothing. */
export const definePolicy = <S extends OptionSpecs>(policy: Policy<S>): Policy => policy as unknown as Policy;

/** Allocate, copy, free: the realloc of every policy that has no better one. */
export function reallocateByCopy(
  policy: Allocator,
  address: Address,
  bytes: number,
  request: Request,
): Address {
  const to = policy.allocate(bytes, 0, request);
  if (to !== REFUSED) policy.free(address, request);
  return to;
}

/** `bytes` up to the next multiple of `align`, a power of two. Exact to 2^53. */
export function roundUp(bytes: number, align: number): number {
  return bytes <= 0x3fffffff && align <= 0x3fffffff
    ? (bytes + align - 1) & -align
    : Math.ceil(bytes / align) * align;
}

export const isCollector = (policy: Allocator): policy is Collector => "collect" in policy;
