/** A heap as text, low address first: `AA..BBB.`. For tests that one can read. */
import { CONTROL_NAMES, type Slot, type Space, State } from "../space/space.ts";

export interface DrawOptions {
  /** Bytes a character; default: the space's granule. Ranges are rounded to whole characters. */
  readonly unit?: number;
  /** The number that names a slot's block: 1 is A, 2 is B ... Default: by address order of the live blocks. */
  readonly name?: (slot: Slot) => number;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `A` live, `.` hole, `x` garbage, `#` control; ` | ` between segments. */
export function draw(space: Space, { unit = space.granule, name }: DrawOptions = {}): string {
  let count = 0;
  const segments: string[] = [];
  for (const segment of space.segments()) {
    let text = "";
    const base = space.start(segment);
    for (let node = space.next(segment); node !== segment; node = space.next(node)) {
      let sign = ".";
      if (node > 0) {
        const state = space.state(node);
        if (state === State.control) sign = "#";
        else if (state === State.garbage) sign = "x";
        else sign = LETTERS[((name?.(node) ?? ++count) - 1) % LETTERS.length];
      }
      text = text.padEnd(Math.round((space.end(node) - base) / unit), sign);
    }
    segments.push(text);
  }
  return segments.join(" | ");
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
