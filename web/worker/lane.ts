/** One replayed policy at the cursor: its playback, what the last event did, and the pictures of it. */
import { momentOf } from "../../src/metrics/meter.ts";
import { Playback } from "../../src/replay/playback.ts";
import { type Choice, choosePolicy, formatChoice } from "../../src/replay/policies.ts";
import type { Refusal } from "../../src/replay/recorder.ts";
import type { Replayed } from "../../src/replay/replay.ts";
import type { Node } from "../../src/space/block-map.ts";
import { CONTROL_NAMES, type Space, State } from "../../src/space/space.ts";
import type { Trace } from "../../src/traces/trace.ts";
import type { Births } from "./births.ts";
import { blockersOf } from "./blockers.ts";
import { Cancelled } from "./cancelled.ts";
import { Compacting } from "./compacting.ts";
import { difference } from "./difference.ts";
import { histogramOf } from "./histogram.ts";
import { internalsAt } from "./internals.ts";
import { lastEvent } from "./last-event.ts";
import { layOut } from "./layout.ts";
import { MoveCounts } from "./move-counts.ts";
import { paint } from "./painter.ts";
import { inksOf, toneOf } from "./palette.ts";
import { reachedAt } from "./passes.ts";
import { pinsOf } from "./pins.ts";
import type {
  Blockers,
  CollectionFacts,
  Compaction,
  Detail,
  Histogram,
  Internals,
  LaneFacts,
  Mark,
  Moment,
  Passes,
  Picture,
  PictureRequest,
  Pins,
  SegmentFacts,
  TimeByAddress,
  TimeRequest,
} from "./protocol.ts";
import { collectRuns, isEdge, type Look, Runs } from "./runs.ts";
import { Scene } from "./scene.ts";
import { timeByAddress } from "./time-by-address.ts";
import { tonesOf } from "./tones.ts";
import { Watcher } from "./watcher.ts";

export class Lane {
  readonly #choice: Choice;
  readonly #replayed: Replayed;
  /** At the cursor. */
  readonly #playback: Playback;
  /** At another moment, where two are compared. */
  #second: Playback | undefined;
  readonly #births: Births;
  readonly #scene: Scene;
  #watcher: Watcher;
  #compacting: Compacting | undefined;
  #drawing = new AbortController();
  #moveCounts: MoveCounts | undefined;
  /** 1 by slot: moved by the last event. */
  #moved = new Uint8Array(0);

  /** `births` may be shared by the lanes of a trace. */
  constructor(trace: Trace, births: Births, policy: string, replayed: Replayed) {
    this.#choice = choosePolicy(policy);
    this.#replayed = replayed;
    this.#births = births;
    this.#playback = new Playback(trace, replayed.recording);
    this.#watcher = new Watcher(this.#playback.space, () => {});
    this.#scene = new Scene(this.#playback.space);
  }

  facts(): LaneFacts {
    const { recording, metrics, series } = this.#replayed;
    return {
      policy: this.policy,
      collector: this.#choice.policy.kind === "collector",
      hash: recording.hash,
      heap: recording.heap,
      granule: recording.granule,
      metrics,
      series: series.map((each) => ({ name: each.name, width: each.width, ...each.buckets() })),
      refusals: recording.refusals,
      collections: recording.collections,
    };
  }

  get policy(): string {
    return formatChoice(this.#choice);
  }

  get heap(): number | "grow" {
    return this.#replayed.recording.heap;
  }

  get peakHeapBytes(): number {
    return this.#replayed.metrics.peakHeapBytes;
  }

  get event(): number {
    return this.#playback.event;
  }

  seek(event: number): void {
    const { space } = this.#playback;
    const before = new Runs();
    const watcher = new Watcher(space, () => {
      for (const { start, length } of segmentsOf(space)) collectRuns(before, space, start, start + length);
    });
    this.#playback.seek(event, watcher);
    this.#scene.forget();
    this.#watcher = watcher;
    this.#moved = new Uint8Array(watcher.moves.length > 0 ? space.slotLimit : 0);
    for (const { slot } of watcher.moves) this.#moved[slot] = 1;
    const idOf = (slot: number) => space.id(slot);
    this.#compacting = watcher.moves.length > 0 ? new Compacting(before, watcher.moves, idOf) : undefined;
  }

  moment(): Moment {
    const { space, event } = this.#playback;
    const refused = this.#refusal();
    return {
      event,
      values: momentOf(space),
      last: lastEvent(this.#playback, this.#watcher, this.#choice.policy, refused !== undefined),
      refusal: refused,
      collection: this.#collection(),
      segments: this.segments(),
      marks: this.#marks(refused?.need),
    };
  }

  segments(): SegmentFacts[] {
    return segmentsOf(this.#playback.space);
  }

  get space(): Space {
    return this.#playback.space;
  }

  /** The space after `event` events, beside that of the cursor. */
  spaceAt(event: number): Space {
    this.#second ??= new Playback(this.#playback.trace, this.#playback.recording);
    if (this.#second.event !== event) this.#second.seek(event);
    return this.#second.space;
  }

  /** `other`: the space that `against` speaks of. */
  picture(request: PictureRequest, other?: Space): Picture {
    const { width, height, view, theme, moves, waves } = request;
    const { space } = this.#playback;
    if (moves === undefined || !this.#compacting)
      return this.#scene.picture(request, this.segments(), (runs, ranges) => {
        if (other) return differ(runs, space, other);
        const look = this.#look(request);
        for (const { from, to } of ranges) collectRuns(runs, space, from, to, look);
      });
    const layout = layOut(this.segments(), view, width, height);
    const words = new Uint32Array(width * height);
    const scale = { ...view, granule: space.granule };
    paint({ width, height, words }, layout, this.#compacting.runs(moves, waves), scale, inksOf(theme));
    return { width, height, pixels: new Uint8ClampedArray(words.buffer), ...layout };
  }

  /** `extent` as one row of the picture's width. */
  strip({ width, height, theme, moves, waves }: PictureRequest, extent: SegmentFacts): Picture {
    const words = new Uint32Array(width * height);
    const end = extent.start + extent.length;
    const rows = [{ start: extent.start, end, y: 0, x0: 0, x1: width, first: true }];
    const scale = { rowBytes: extent.length, rowHeight: height, granule: this.#playback.space.granule };
    const runs = this.#compacting?.runs(moves ?? Number.POSITIVE_INFINITY, waves) ?? new Runs();
    paint({ width, height, words }, { rows, rowCount: 1 }, runs, scale, inksOf(theme));
    return { width, height, pixels: new Uint8ClampedArray(words.buffer), rows, rowCount: 1 };
  }

  histogram(): Histogram {
    return histogramOf(this.#playback.space, this.event);
  }

  timeByAddress(request: TimeRequest): Promise<TimeByAddress> {
    this.#drawing.abort(new Cancelled());
    this.#drawing = new AbortController();
    const { trace, recording } = this.#playback;
    return timeByAddress(trace, recording, request, this.#drawing.signal);
  }

  /** Nobody looks at it any more. */
  close(): void {
    this.#drawing.abort(new Cancelled());
  }

  #look({ colouring, filter }: PictureRequest): Look {
    const { trace, recording } = this.#playback;
    return {
      isMoved: (slot) => this.#moved[slot] === 1,
      toneOf: tonesOf(colouring, this.#playback, this.#births, () => {
        this.#moveCounts ??= new MoveCounts(trace, recording);
        return this.#moveCounts;
      }),
      filter,
    };
  }

  #refusal(): Refusal | undefined {
    const { refusals } = this.#replayed.recording;
    const found = refusals[lowerBound(refusals, this.event - 1)];
    return found?.event === this.event - 1 ? found : undefined;
  }

  blockers(most: number): Blockers | undefined {
    const here = this.#playback;
    const refused = this.#refusal();
    if (!refused) return undefined;
    const { need } = refused;
    return blockersOf(here.space, (slots) => here.births(slots), { event: here.event, need }, most);
  }

  pins(most: number): Pins {
    const here = this.#playback;
    return pinsOf(here.space, (slots) => here.births(slots), here.event, most);
  }

  compaction(): Compaction | undefined {
    const [first] = this.segments();
    return this.#compacting?.facts(this.event, first);
  }

  passes(): Passes | undefined {
    const { heap } = this;
    const reached = this.#compacting && reachedAt(this.#playback, { ...this.#choice, heap });
    return reached && this.#compacting?.passes(this.event, reached);
  }

  internals(): Internals {
    return internalsAt(this.#playback, { ...this.#choice, heap: this.heap });
  }

  detail(address: number, moves: number | undefined): Detail | undefined {
    if (moves !== undefined && this.#compacting) return undefined;
    const { space } = this.#playback;
    const node = space.at(address);
    return node === 0 || isEdge(space, node) ? undefined : this.#describe(node);
  }

  list(from: number, to: number, most: number): Detail[] {
    const { space } = this.#playback;
    const found: Detail[] = [];
    for (const { start, length } of this.segments()) {
      if (start >= to || start + length <= from) continue;
      let node = space.at(Math.max(from, start));
      while (found.length < most && !isEdge(space, node) && space.start(node) < to) {
        found.push(this.#describe(node));
        node = space.next(node);
      }
    }
    return found;
  }

  #describe(node: Node): Detail {
    const { space } = this.#playback;
    const place = { start: space.start(node), length: space.length(node) };
    const none = { id: -1, bytes: 0, offset: 0, born: 0, use: "", tone: 0 };
    if (node < 0) return { kind: "hole", ...place, ...none };
    const state = space.state(node);
    if (state === State.control)
      return { kind: "control", ...place, ...none, use: CONTROL_NAMES[space.payload(node)] };
    return {
      kind: state === State.live ? "live" : "garbage",
      ...place,
      id: space.id(node),
      bytes: space.payload(node),
      offset: space.offset(node),
      born: this.#playback.births([node])[0],
      use: "",
      tone: toneOf(space.id(node)),
    };
  }

  #collection(): CollectionFacts | undefined {
    const { collections } = this.#replayed.recording;
    const { event } = this.#playback;
    const from = lowerBound(collections, event - 1);
    const here = collections.slice(from, lowerBound(collections, event));
    if (here.length === 0) return undefined;
    const sum = (of: "reclaimed" | "touchedWords" | "updatedReferences") =>
      here.reduce((total, each) => total + each[of], 0);
    return {
      moves: this.#watcher.moves.length,
      movedBytes: movedBytes(this.#watcher),
      reclaimed: sum("reclaimed"),
      touchedWords: sum("touchedWords"),
      updatedReferences: sum("updatedReferences"),
      extraBytes: Math.max(...here.map(({ extraBytes }) => extraBytes)),
    };
  }

  #marks(need: number | undefined): Mark[] {
    const { space } = this.#playback;
    const watcher = this.#watcher;
    const marks: Mark[] = [];
    if (watcher.collections === 0) for (const range of watcher.freed) marks.push({ kind: "freed", ...range });
    const slot = watcher.claimedSlot || watcher.resizedSlot;
    if (slot !== 0 && space.state(slot) === State.live)
      marks.push({ kind: "claimed", start: space.start(slot), length: space.length(slot) });
    if (need === undefined || space.largestHole === 0) return marks;
    const start = this.#largestHole();
    const length = space.largestHole;
    marks.push(
      { kind: "request", start, length: Math.min(need, length) },
      { kind: "largest", start, length },
    );
    if (need > length) marks.push({ kind: "excess", start: start + length, length: need - length });
    return marks;
  }

  #largestHole(): number {
    const { space } = this.#playback;
    for (const segment of space.segments())
      for (let node = space.next(segment); node !== segment; node = space.next(node))
        if (node < 0 && space.length(node) === space.largestHole) return space.start(node);
    return 0;
  }
}

function differ(runs: Runs, here: Space, there: Space): void {
  const [a, b] = [here, there].map((space) => {
    const all = new Runs();
    for (const { start, length } of segmentsOf(space)) collectRuns(all, space, start, start + length);
    return all;
  });
  difference(runs, a, b);
}

const segmentsOf = (space: Space): SegmentFacts[] =>
  Array.from(space.segments(), (edge) => ({ start: space.start(edge), length: space.segmentLength(edge) }));

const movedBytes = ({ moves }: Watcher): number => moves.reduce((sum, { length }) => sum + length, 0);

/** Index of the first entry whose event is at least `event`. */
function lowerBound(entries: readonly { readonly event: number }[], event: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].event < event) low = middle + 1;
    else high = middle;
  }
  return low;
}
