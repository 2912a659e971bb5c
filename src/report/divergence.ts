/** Heaps at one event, side by side as text: what each policy does there, and the blocks around it before and after. */
import type { Change } from "../replay/trail.ts";
import { drawRange, letter } from "../space/draw.ts";
import type { Slot, Space } from "../space/space.ts";
import { table } from "./table.ts";

export interface ShownSide {
  readonly called: string;
  /** What it does at the event. */
  readonly changes: readonly Change[];
  /** Undefined where it is the set-up that is shown. */
  readonly before: Space | undefined;
  readonly after: Space;
}

/** Characters of a picture. */
const WIDTH = 72;
/** Changes of an event that are put into words. */
const MOST_SAID = 6;

const number = (value: number): string => value.toLocaleString("en-US");

/** Lines. `object` is the id that the event is about, drawn as `@`. */
export function divergence(sides: readonly ShownSide[], object: number | undefined): string[] {
  const rows = sides.map(({ called, changes }) => [`  ${called}`, inWords(changes)]);
  const [, ...said] = table(
    [
      { title: "", align: "left" },
      { title: "", align: "left" },
    ],
    rows,
  );
  return [...said, ...windows(sides).flatMap((window) => ["", ...pictures(sides, window, object)])];
}

function inWords(changes: readonly Change[]): string {
  if (changes.length === 0) return "does nothing";
  const said = changes.slice(0, MOST_SAID).map(({ what, start, end, to }) => {
    const range = `[${number(start)}, ${number(end)})`;
    switch (what) {
      case "refuses":
      case "begins a collection":
      case "ends a collection":
        return what;
      case "puts the payload at":
        return `${what} ${number(start)}`;
      case "moves":
        return `${what} ${range} to ${number(to)}`;
      case "shares":
        return `${what} ${range} with ${number(to)}`;
      default:
        return `${what} ${range}`;
    }
  });
  const more = changes.length - said.length;
  return `${said.join(", ")}${more > 0 ? `, and ${number(more)} changes more` : ""}`;
}

/** Bytes from .. to - 1, `unit` a character. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly unit: number;
}

/** Around the first range that each side changes; one for those that are near each other. */
function windows(sides: readonly ShownSide[]): Window[] {
  const unit0 = Math.max(...sides.map(({ after }) => after.granule));
  const found: Window[] = [];
  const firsts = sides.map(({ changes }) => changes.find(({ start, end }) => end > start));
  const ranges = firsts.filter((change) => change !== undefined);
  for (const change of ranges.length > 0 ? ranges : [{ start: 0, end: unit0 }]) {
    let unit = unit0;
    while (change.end - change.start > (unit * WIDTH) / 3) unit *= 2;
    const middle = (change.start + change.end) / 2;
    const from = Math.max(0, Math.floor((middle - (unit * WIDTH) / 2) / unit) * unit);
    const window = { from, to: from + unit * WIDTH, unit };
    if (!found.some((other) => change.start >= other.from && change.end <= other.to)) found.push(window);
  }
  return found;
}

function pictures(
  sides: readonly ShownSide[],
  { from, to, unit }: Window,
  object: number | undefined,
): string[] {
  const letters = new Map<number, string>();
  const sign =
    (space: Space) =>
    (slot: Slot): string => {
      const id = space.id(slot);
      if (id === object) return "@";
      if (!letters.has(id)) letters.set(id, letter(letters.size + 1));
      return letters.get(id) as string;
    };
  const draw = (space: Space): string => drawRange(space, from, to, unit, sign(space));
  const befores = sides.map(({ before }) => before && draw(before));
  const alike = new Set(befores).size === 1;
  const rows = (alike ? befores.slice(0, 1) : befores).flatMap((drawn, i) =>
    drawn === undefined ? [] : [[alike ? "  before" : `  ${sides[i].called}, before`, drawn]],
  );
  rows.push(...sides.map(({ called, after }) => [`  ${called}`, draw(after)]));
  const [, ...lines] = table(
    [
      { title: "", align: "left" },
      { title: "", align: "left" },
    ],
    rows,
  );
  return [`bytes ${number(from)} to ${number(to - 1)}, ${number(unit)} a character:`, ...lines];
}
