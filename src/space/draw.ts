/** A heap as text, low address first: `AA..BBB.`. For tests and differences that one can read. */
import { CONTROL_NAMES, type Slot, type Space, State } from "./space.ts";

export interface DrawOptions {
  /** Bytes a character; default: the space's granule. Ranges are rounded to whole characters. */
  readonly unit?: number;
  /** The number that names a slot's block: 1 is A, 2 is B ... Default: by address order of the live blocks. */
  readonly name?: (slot: Slot) => number;
}

/** A for 1, B for 2, and so on; after z comes A again. */
export const letter = (n: number): string => LETTERS[(n - 1) % LETTERS.length];

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `A` live, `.` hole, `x` garbage, `#` control; ` | ` between segments. */
export function draw(space: Space, { unit = space.granule, name }: DrawOptions = {}): string {
  let count = 0;
  const segments: string[] = [];
  for (const segment of space.segments()) {
    let text = "";
    const base = space.start(segment);
    for (let node = space.next(segment); node !== segment; node = space.next(node)) {
      const sign = signOf(space, node, (slot) => letter(name?.(slot) ?? ++count));
      text = text.padEnd(Math.round((space.end(node) - base) / unit), sign);
    }
    segments.push(text);
  }
  return segments.join(" | ");
}

/**
 * The bytes from .. to - 1, each character `unit` of them, blanks outside the heap. A live block is the first character
 * that `sign` gives for its slot.
 */
export function drawRange(
  space: Space,
  from: number,
  to: number,
  unit: number,
  sign: (slot: Slot) => string,
): string {
  const signs = Array.from({ length: Math.ceil((to - from) / unit) }, () => " ");
  for (const segment of space.segments())
    for (let node = space.next(segment); node !== segment; node = space.next(node)) {
      if (space.end(node) <= from || space.start(node) >= to) continue;
      const first = Math.max(0, Math.round((space.start(node) - from) / unit));
      signs.fill(signOf(space, node, sign), first, Math.max(0, Math.round((space.end(node) - from) / unit)));
    }
  return signs.join("");
}

function signOf(space: Space, node: number, sign: (slot: Slot) => string): string {
  if (node < 0) return ".";
  const state = space.state(node);
  return state === State.control ? "#" : state === State.garbage ? "x" : sign(node)[0];
}

/** The same as lines `START LENGTH WHAT`, exact to the byte. */
export function list(space: Space): string[] {
  const lines: string[] = [];
  for (const segment of space.segments())
    for (let node = space.next(segment); node !== segment; node = space.next(node)) {
      let what = "hole";
      if (node > 0) {
        const state = space.state(node);
        if (state === State.control) what = CONTROL_NAMES[space.payload(node)];
        else
          what = `${space.nameOf(node)}, ${space.payload(node)} bytes${state === State.garbage ? ", dead" : ""}`;
      }
      lines.push(`${space.start(node)} ${space.length(node)} ${what}`);
    }
  return lines;
}
