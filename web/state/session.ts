/** What the page shows: the place, what was loaded for it, and the way from one place to another. */
import { batch, computed, signal } from "@preact/signals";
import type { Input, LaneFacts, Moment, TraceFacts } from "../worker/protocol.ts";
import { against, colouring, filter, part } from "./appearance.ts";
import { carry, nameOfCarried, unpack } from "./carried.ts";
import { type NamedScenario, POLICIES, WORKLOAD_PREFIX } from "./catalogue.ts";
import { Engine, EngineError } from "./engine.ts";
import { fetchWhole } from "./fetching.ts";
import { formatPlace, type Place, parsePlace, type Source } from "./place.ts";
import { cursorOf, SCENARIOS, scenarioNamed } from "./scenarios.ts";
import { urlOfTrace } from "./traces.ts";
import { veil } from "./unveiled.ts";

export const engine = new Engine();

export interface Busy {
  readonly doing: string;
  /** 0 .. 1 */
  readonly share: number;
}

/** Where the page is; undefined until the first trace is loaded. */
export const place = signal<Place | undefined>(undefined);
export const trace = signal<TraceFacts | undefined>(undefined);
export const lanes = signal<readonly LaneFacts[]>([]);
export const scenario = signal<NamedScenario | undefined>(undefined);
export const busy = signal<Busy | undefined>(undefined);
/** What went wrong, in the words of what failed. */
export const problem = signal<string | undefined>(undefined);
/** Events applied. */
export const event = signal(0);
export const zoom = signal(0);
export const top = signal(0);
/** One for each lane, of the event that is drawn. */
export const moments = signal<readonly Moment[]>([]);

export const events = computed(() => trace.value?.events ?? 0);

/** Files that were dropped or fetched, by name: an address cannot hold them. */
const files = new Map<string, Blob>();
/** What the worker's trace was made from. */
let opened = "";
let loads = 0;
/** Ends the fetching of what is no longer wanted. */
let fetching = new AbortController();

/** Goes to a place; what is left out stays, or is the source's default. Returns whether it was reached. */
export async function go(wanted: Partial<Place>, history: "push" | "replace" = "push"): Promise<boolean> {
  const load = ++loads;
  fetching.abort(new Cancelled());
  fetching = new AbortController();
  try {
    problem.value = undefined;
    busy.value = { doing: "Opening", share: 0 };
    const source = wanted.source ?? place.value?.source ?? defaultSource();
    const prepared = await prepare(source, wanted);
    const { place: target, input, key } = prepared;
    if (load !== loads) return false;
    engine.call((laboratory) => laboratory.cancel()).catch(() => {});
    const loaded = await engine.load(
      key === opened ? undefined : input,
      target.policies,
      target.heap,
      (share, doing) => {
        // It comes through a port of its own, and may come after the end.
        if (load === loads && busy.value) busy.value = { doing, share };
      },
    );
    opened = key;
    if (loaded.trace.hash !== trace.value?.hash) await veil();
    batch(() => {
      trace.value = loaded.trace;
      lanes.value = loaded.lanes;
      scenario.value = prepared.scenario;
      const last = Math.min(target.event, loaded.trace.events);
      place.value = { ...target, event: last };
      event.value = wanted.event === undefined ? startOf(loaded.lanes, loaded.trace) : last;
      zoom.value = target.zoom;
      top.value = target.top;
      colouring.value = target.colour;
      filter.value = target.filter;
      part.value = target.time;
      against.value = target.against;
    });
    writeAddress(history);
    return true;
  } catch (error) {
    if (load === loads) fail(error);
    if (error instanceof EngineError && load === loads) await comeBack(error.message, wanted);
    return false;
  } finally {
    if (load === loads) busy.value = undefined;
  }
}

/** Where an address leads that names no event: to the first refusal, to what there is to look for, or to most pieces. */
function startOf(loaded: readonly LaneFacts[], { events: length, phases }: TraceFacts): number {
  const first = (firsts: readonly ({ readonly event: number } | undefined)[]): number | undefined => {
    const least = Math.min(...firsts.map((entry) => entry?.event ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(least) ? least + 1 : undefined;
  };
  const [look] = scenario.value?.look ?? [];
  return (
    first(loaded.map(({ refusals }) => refusals[0])) ??
    (look && cursorOf(look, phases)) ??
    first(loaded.map(({ collections }) => collections[0])) ??
    mostInPieces(loaded[0], length)
  );
}

/** Where most is free that is not in the largest hole. */
function mostInPieces({ series }: LaneFacts, length: number): number {
  const [holes, largest] = ["holeBytes", "largestHole"].map((name) =>
    series.find((each) => each.name === name),
  );
  if (!holes || !largest) return length;
  const pieces = holes.last.map((bytes, i) => bytes - largest.last[i]);
  return Math.min(length, (1 + pieces.indexOf(Math.max(...pieces))) * holes.width);
}

/** A file that was dropped or chosen: a trace, or a scenario of workloads. */
export async function openFile(file: File): Promise<boolean> {
  files.set(file.name, file);
  opened = opened === `file ${file.name}` ? "" : opened;
  return go({ source: { kind: "file", text: file.name }, zoom: 0, top: 0 });
}

export async function cancel(): Promise<void> {
  fetching.abort(new Cancelled());
  await engine.call((laboratory) => laboratory.cancel());
}

/** Follows the address after back, forward or a change by hand. */
export function followAddress(): Promise<boolean> {
  return go(parsePlace(location.hash), "replace");
}

/** What the address names, or the first scenario, with a word about what is wrong with the address. */
export async function openFirst(): Promise<void> {
  if (await followAddress()) return;
  const said = problem.value;
  if (await go({ source: defaultSource() }, "replace")) problem.value = said;
}

/** The address of what is on the page; a file that was opened here goes along if it is small, else there is none. */
export async function linkHere(): Promise<string | undefined> {
  writeAddress();
  const here = place.value;
  if (here?.source.kind !== "file") return location.href;
  const name = here.source.text;
  const file = files.get(name);
  const text = file && (await carry(name, file));
  return text && location.href.split("#")[0] + formatPlace({ ...here, source: { kind: "data", text } });
}

/** Puts cursor and view into the address, without a step in the history. */
export function writeAddress(history: "push" | "replace" = "replace"): void {
  if (!place.value) return;
  place.value = {
    ...place.value,
    event: event.value,
    zoom: zoom.value,
    top: Math.floor(top.value),
    colour: colouring.value,
    filter: filter.value,
    time: part.value,
    against: against.value,
  };
  const hash = formatPlace(place.value);
  if (hash === location.hash) return;
  if (history === "push") window.history.pushState(null, "", hash);
  else window.history.replaceState(null, "", hash);
}

engine.onLoss = (message) => {
  opened = "";
  if (!busy.value) comeBack(message);
};

/** What was on the page before the worker was lost is replayed in a new one, unless it is what was tried just now. */
async function comeBack(message: string, tried?: Partial<Place>): Promise<void> {
  const here = place.value;
  if (here && here !== tried) await go(here, "replace");
  problem.value = message;
}

class Cancelled extends Error {
  override readonly name = "Cancelled";
}

function fail(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  problem.value =
    error.name === "Cancelled" ? "Cancelled; what was shown before is still here." : error.message;
}

interface Prepared {
  readonly place: Place;
  readonly input: Input;
  readonly key: string;
  readonly scenario: NamedScenario | undefined;
}

/** Fills in what `wanted` leaves out, and finds the bytes. */
async function prepare(source: Source, wanted: Partial<Place>): Promise<Prepared> {
  const here = place.value;
  const same = here?.source.kind === source.kind && here.source.text === source.text ? here : undefined;
  const isFile = source.kind === "file" || source.kind === "open" || source.kind === "data";
  const blob = isFile ? await bytesOf(source) : undefined;
  const found = await scenarioOf(source, blob);
  const policies =
    wanted.policies ?? same?.policies ?? found?.policies.slice(0, 2) ?? here?.policies ?? usual();
  const target: Place = {
    source,
    policies,
    heap: wanted.heap ?? same?.heap ?? found?.heap ?? usualHeap(policies[0]),
    seed: wanted.seed ?? same?.seed ?? found?.seed ?? 1,
    event: wanted.event ?? 0,
    zoom: wanted.zoom ?? same?.zoom ?? 0,
    top: wanted.top ?? same?.top ?? 0,
    colour: wanted.colour ?? colouring.value,
    filter: wanted.filter,
    time: wanted.time ?? (same && part.value),
    against: wanted.against,
  };
  if (blob && !found) {
    const name = nameOf(source);
    return {
      place: target,
      input: { kind: "file", name, file: blob },
      key: `${source.kind} ${source.kind === "data" ? source.text : name}`,
      scenario: found,
    };
  }
  if (found && !found.inputs[0].startsWith(WORKLOAD_PREFIX)) {
    const url = urlOfInput(source, found);
    const name = nameOf({ kind: "open", text: url.pathname });
    const file = await fetched(url, found.inputs[0]);
    return { place: target, input: { kind: "file", name, file }, key: `trace ${url}`, scenario: found };
  }
  const call = found ? found.inputs[0] : `workload:${source.text}`;
  const { seed } = target;
  return { place: target, input: { kind: "workload", call, seed }, key: `${call} ${seed}`, scenario: found };
}

async function scenarioOf(source: Source, blob: Blob | undefined): Promise<NamedScenario | undefined> {
  if (source.kind === "scenario") {
    const found = scenarioNamed(source.text);
    if (!found) throw new Error(`There is no scenario "${source.text}".`);
    return found;
  }
  if (!blob || !nameOf(source).endsWith(".json")) return undefined;
  const name = nameOf(source);
  const text = await blob.text();
  return { name, ...(await engine.call((laboratory) => laboratory.scenario(text, name))) };
}

/** As people call it. */
export const nameOf = ({ kind, text }: Source): string =>
  kind === "data" ? nameOfCarried(text) : decodeURIComponent(text.slice(text.lastIndexOf("/") + 1));

/** A trace file that a scenario names lies with the page, or where the scenario lies. */
function urlOfInput(source: Source, { name, inputs: [input] }: NamedScenario): URL {
  if (source.kind === "open") return new URL(input, new URL(source.text, location.href));
  const url = source.kind === "scenario" ? urlOfTrace(input) : undefined;
  if (!url) throw new Error(`${name} replays the file ${input}: open that file itself.`);
  return url;
}

async function bytesOf(source: Source): Promise<Blob> {
  const kept = files.get(source.text);
  if (kept) return kept;
  if (source.kind === "data") return unpack(source.text);
  if (source.kind === "file") throw new Error(`Open ${source.text} again: a link cannot carry a file.`);
  return fetched(new URL(source.text, location.href), source.text);
}

/** The bytes at `url`, which is called `name` when something is wrong with it. Kept from then on. */
async function fetched(url: URL, name: string): Promise<Blob> {
  const kept = files.get(url.href);
  if (kept) return kept;
  if (url.origin !== location.origin) throw new Error(`${name} lies on another site and is not opened.`);
  const { signal } = fetching;
  const progress = (share: number) => {
    if (!signal.aborted) busy.value = { doing: `Fetching ${name}`, share };
  };
  const blob = await fetchWhole(url, name, { signal, progress });
  files.set(url.href, blob);
  return blob;
}

function defaultSource(): Source {
  const [first] = SCENARIOS;
  return first ? { kind: "scenario", text: first.name } : { kind: "workload", text: "string-append" };
}

/** What can grow does; an arena has half as much again as ever lives. */
const usualHeap = (policy: string): string =>
  POLICIES.find(({ name }) => name === policy.split(":")[0])?.growable === false ? "1.5x" : "grow";

const usual = (): string[] =>
  ["first-fit", "mark-compact"].filter((name) => POLICIES.some((policy) => policy.name === name));
