/** One replayed policy at the cursor: its playback, what the last event did, and the pictures of it. */
import { momentOf } from "../../src/metrics/meter.ts";
import { Playback } from "../../src/replay/playback.ts";
import { type Choice, choosePolicy, formatChoice } from "../../src/replay/policies.ts";
import type { Refusal } from "../../src/replay/recorder.ts";
import type { Replayed } from "../../src/replay/replay.ts";
import type { Space } from "../../src/space/space.ts";
import type { Trace } from "../../src/traces/trace.ts";
import type { Births } from "./births.ts";
import { blockersOf } from "./blockers.ts";
import { Cancelled } from "./cancelled.ts";
import { type Compacting, takeApart, type Which } from "./compacting.ts";
import { described, listed } from "./described.ts";
import { difference } from "./difference.ts";
import { histogramOf } from "./histogram.ts";
import { internalsAt } from "./internals.ts";
import { lastEvent } from "./last-event.ts";
import { layOut } from "./layout.ts";
import { marksOf } from "./marks.ts";
import { MoveCounts } from "./move-counts.ts";
import type { Origins } from "./origins.ts";
import { paint } from "./painter.ts";
import { inksOf } from "./palette.ts";
import { reachedAt } from "./passes.ts";
import { type AskedFor, pinsOf } from "./pins.ts";
import type {
  Blockers,
  CollectionFacts,
  Compaction,
  Detail,
  Histogram,
  Internals,
  LaneFacts,
  Moment,
  Passes,
  Picture,
  PictureRequest,
  Pins,
  SegmentFacts,
  TimeByAddress,
  TimeRequest,
} from "./protocol.ts";
import { allRuns, collectRuns, isEdge, type Look, Runs, segmentsOf } from "./runs.ts";
import { Scene } from "./scene.ts";
import { timeByAddress } from "./time-by-address.ts";
import { tonesOf } from "./tones.ts";
import { Watcher } from "./watcher.ts";

/** A trace, and what is known of it once for all its lanes. */
export interface Subject {
  readonly trace: Trace;
  readonly births: Births;
  readonly origins: Origins;
}

export class Lane {
  readonly #choice: Choice;
  readonly #replayed: Replayed;
  /** At the cursor. */
  readonly #playback: Playback;
  /** At another moment, where two are compared. */
  #second: Playback | undefined;
  readonly #subject: Subject;
  readonly #scene: Scene;
  #watcher: Watcher;
  #compacting: Compacting | undefined;
  #drawing = new AbortController();
  #moveCounts: MoveCounts | undefined;
  /** 1 by slot: moved by the last event. */
  #moved = new Uint8Array(0);

  constructor(subject: Subject, policy: string, replayed: Replayed) {
    this.#choice = choosePolicy(policy);
    this.#replayed = replayed;
    this.#subject = subject;
    this.#playback = new Playback(subject.trace, replayed.recording);
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
    this.#play(event, "first");
    const { moves } = this.#watcher;
    this.#scene.forget();
    this.#moved = new Uint8Array(moves.length > 0 ? this.space.slotLimit : 0);
    for (const { slot } of moves) this.#moved[slot] = 1;
  }

  #play(event: number, which: Which): void {
    const { watcher, compacting } = takeApart(this.space, which, (eyes) => this.#playback.seek(event, eyes));
    this.#watcher = watcher;
    this.#compacting = compacting;
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
      marks: marksOf(space, this.#watcher, refused?.need),
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
    return { width, height, view, pixels: new Uint8ClampedArray(words.buffer), ...layout };
  }

  /** `extent` as one row of the picture's width. */
  strip({ width, height, theme, moves, waves }: PictureRequest, extent: SegmentFacts): Picture {
    const words = new Uint32Array(width * height);
    const view = { rowBytes: extent.length, rowHeight: height, top: 0 };
    const end = extent.start + extent.length;
    const rows = [{ start: extent.start, end, y: 0, x0: 0, x1: width, first: true }];
    const scale = { ...view, granule: this.#playback.space.granule };
    const runs = this.#compacting?.runs(moves ?? Number.POSITIVE_INFINITY, waves) ?? new Runs();
    paint({ width, height, words }, { rows, rowCount: 1 }, runs, scale, inksOf(theme));
    return { width, height, view, pixels: new Uint8ClampedArray(words.buffer), rows, rowCount: 1 };
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
      toneOf: tonesOf(colouring, this.#playback, {
        ...this.#subject,
        moveCounts: () => {
          this.#moveCounts ??= new MoveCounts(trace, recording);
          return this.#moveCounts;
        },
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
    return blockersOf(here.space, this.#asked, { event: here.event, need }, most);
  }

  pins(most: number): Pins {
    const here = this.#playback;
    return pinsOf(here.space, this.#asked, here.event, most);
  }

  /** Who asked for the objects in `slots`, and when. */
  readonly #asked: AskedFor = (slots) =>
    this.#playback.births(slots).map((born) => ({ born, site: this.#subject.origins.site(born) }));

  /** From now on, moves and waves are those of collection `which` of the event at the cursor. */
  compaction(which: number | undefined): Compaction | undefined {
    if (which !== undefined && which !== this.#compacting?.which) this.#play(this.event, which);
    const [first] = this.segments();
    return this.#compacting?.facts(this.event, first);
  }

  passes(): Passes | undefined {
    const { heap } = this;
    const { which } = this.#compacting ?? {};
    const reached = this.#compacting && reachedAt(this.#playback, { ...this.#choice, heap }, which);
    return reached && this.#compacting?.passes(this.event, reached);
  }

  internals(): Internals {
    return internalsAt(this.#playback, { ...this.#choice, heap: this.heap });
  }

  detail(address: number, moves: number | undefined): Detail | undefined {
    if (moves !== undefined && this.#compacting) return undefined;
    const { space } = this.#playback;
    const node = space.at(address);
    return node === 0 || isEdge(space, node)
      ? undefined
      : described(this.#playback, node, this.#subject.origins);
  }

  list(from: number, to: number, most: number): Detail[] {
    return listed(this.#playback, this.#subject.origins, { from, to, most });
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
      each: here.map(({ moves }) => moves),
      moves: this.#watcher.moves.length,
      movedBytes: movedBytes(this.#watcher),
      reclaimed: sum("reclaimed"),
      touchedWords: sum("touchedWords"),
      updatedReferences: sum("updatedReferences"),
      extraBytes: Math.max(...here.map(({ extraBytes }) => extraBytes)),
    };
  }
}

function differ(runs: Runs, here: Space, there: Space): void {
  difference(runs, allRuns(here), allRuns(there));
}

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
