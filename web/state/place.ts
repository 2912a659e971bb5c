/**
 * Where the page is, as its address says it:
 *
 *     #scenario=NAME | workload=CALL | open=URL | file=NAME | data=NAME:BASE64
 *     &policy=first-fit&policy=mark-compact&heap=16KiB&seed=1&event=1200&zoom=2&top=3&colour=age
 *     &filter=hole:16-31&time=1000-2000&against=A|EVENT
 */
import { LETTERS } from "../panels/letters.ts";
import { COLOURINGS, type Colouring } from "../worker/colouring.ts";
import type { Against, Filter } from "../worker/protocol.ts";

export interface Span {
  /** Events applied. */
  readonly from: number;
  readonly to: number;
}

export interface Source {
  readonly kind: "scenario" | "workload" | "open" | "file" | "data";
  /** The scenario's name, the workload's call, the URL, the file's name, or a small trace itself (carried.ts). */
  readonly text: string;
}

export interface Place {
  readonly source: Source;
  readonly policies: readonly string[];
  readonly heap: string;
  readonly seed: number;
  /** Events applied. */
  readonly event: number;
  /** Powers of two nearer than the whole heap. */
  readonly zoom: number;
  /** Rows scrolled away at the top of the map. */
  readonly top: number;
  /** What colours stand for. */
  readonly colour: Colouring;
  readonly filter: Filter | undefined;
  /** The part of time that the charts show; undefined: all of it. */
  readonly time: Span | undefined;
  readonly against: Against | undefined;
}

const KINDS = ["scenario", "workload", "open", "file", "data"] as const;

/** Only what the address names. */
export function parsePlace(hash: string): Partial<Place> {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const kind = KINDS.find((each) => values.has(each));
  const policies = values.getAll("policy");
  const colour = COLOURINGS.find((each) => each === values.get("colour"));
  return {
    ...(kind && { source: { kind, text: values.get(kind) ?? "" } }),
    ...(policies.length > 0 && { policies: policies.slice(0, LETTERS.length) }),
    ...(values.has("heap") && { heap: values.get("heap") ?? "" }),
    ...whole(values, "seed"),
    ...whole(values, "event"),
    ...whole(values, "zoom"),
    ...whole(values, "top"),
    ...(colour && { colour }),
    filter: filterOf(values.get("filter") ?? ""),
    time: spanOf(values.get("time") ?? ""),
    against: againstOf(values.get("against") ?? "", policies.length),
  };
}

export function formatPlace(place: Place): string {
  const { source, policies, heap, seed, event, zoom, top, colour, filter, time, against } = place;
  const parts = [
    `${source.kind}=${encode(source.text)}`,
    ...policies.map((policy) => `policy=${encode(policy)}`),
    `heap=${encode(heap)}`,
    `seed=${seed}`,
    `event=${event}`,
  ];
  if (zoom > 0) parts.push(`zoom=${zoom}`);
  if (top > 0) parts.push(`top=${top}`);
  if (colour !== "object") parts.push(`colour=${colour}`);
  if (filter) parts.push(`filter=${filter.kind}:${filter.low}-${filter.high - 1}`);
  if (time) parts.push(`time=${time.from}-${time.to}`);
  if (against) parts.push(`against=${against.lane === undefined ? against.event : LETTERS[against.lane]}`);
  return `#${parts.join("&")}`;
}

/** As little as an address needs, so that people can read it. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/%(3A|3D|2C|2F)/g, decodeURIComponent);

function filterOf(text: string): Filter | undefined {
  const [, kind, low, high] = /^(live|hole):(\d+)-(\d+)$/.exec(text) ?? [];
  return kind ? { kind: kind as Filter["kind"], low: Number(low), high: Number(high) + 1 } : undefined;
}

function spanOf(text: string): Span | undefined {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  return from ? { from: Number(from), to: Number(to) } : undefined;
}

/** A policy's letter, or a number of events. */
function againstOf(text: string, policies: number): Against | undefined {
  const lane = (LETTERS as readonly string[]).indexOf(text);
  if (lane >= 0) return lane < policies ? { lane } : undefined;
  return /^\d+$/.test(text) ? { event: Number(text) } : undefined;
}

function whole(values: URLSearchParams, key: "seed" | "event" | "zoom" | "top") {
  const text = values.get(key) ?? "";
  return /^\d+$/.test(text) ? { [key]: Number(text) } : {};
}
