/**
 * Playback: what the log of src/replay/log.ts says became of an event, in place of a policy. Its plain events are done:
 * those that claim, release or resize a block and may say where its payload lies; what it has besides is left.
 */
import { OF_POLICY } from "../registers";
import { COPIES, chosen, LEFT, REALLOCATE, RESIZES, STAYS } from "./events";
import { address, register, registers, setWord } from "./memory";

// Operations.
const NOTHING = 0;
const CLAIM = 1;
const RELEASE = 2;
const RESIZE = 7;
const OFFSET = 12;

const LAST = 0x10;

/** The page of the log that is at hand, and where it ends; the next event, in it; where payloads lie in their blocks. */
let page: usize = 0;
let end: i32 = 0;
let next: i32 = 0;
let offset: i32 = 0;

/** Behind the operation that was read last, and what it says. */
let at: i32 = 0;
let code: i32 = 0;
let payload: i32 = 0;
let last: bool = false;
let copying: bool = false;

function number(): i32 {
  let byte = <i32>load<u8>(page + at++);
  let value = byte & 0x7f;
  for (let shift = 7; byte > 0x7f; shift += 7) {
    byte = <i32>load<u8>(page + at++);
    value |= (byte & 0x7f) << shift;
  }
  return value;
}

/** Reads an operation; an event may go on in the next page, where none is. */
@inline
function read(): bool {
  if (at >= end) return false;
  const head = <i32>load<u8>(page + at++);
  code = head & 15;
  last = (head & LAST) != 0;
  payload = (head >>> 5) & 3;
  if (head > 0x7f) payload |= number() << 2;
  return true;
}

/** Nothing follows in this event but where the payload lies in its block, if that is said. */
@inline
function readOffset(): bool {
  chosen.payload = offset;
  if (last) return true;
  if (!read() || code != OFFSET || !last) return false;
  chosen.payload = payload;
  return true;
}

/** The event that was read has been done. */
@inline
function goOn(): void {
  next = at;
  offset = chosen.payload;
  setWord(registers, OF_POLICY + 2, next);
  setWord(registers, OF_POLICY + 3, offset);
}

export class Played {
  @inline
  bind(): void {
    page = address(OF_POLICY);
    end = register(OF_POLICY + 1);
    next = register(OF_POLICY + 2);
    offset = register(OF_POLICY + 3);
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    at = next;
    if (!read() || code != CLAIM) return false;
    chosen.hole = -(payload >>> 1);
    chosen.offset = (payload & 1) == 0 ? 0 : number();
    chosen.length = number();
    if (op == REALLOCATE && (last || !read() || code != RELEASE)) return false;
    return readOffset();
  }

  @inline
  placed(slot: i32): void {
    goOn();
  }

  @inline
  resize(slot: i32, bytes: i32): i32 {
    at = next;
    if (!read()) return LEFT;
    if (code == CLAIM) return COPIES;
    if (code == NOTHING && last) {
      chosen.payload = offset;
      return STAYS;
    }
    if (code == OFFSET && last) {
      chosen.payload = payload;
      return STAYS;
    }
    if (code != RESIZE || payload != slot || number() != 0) return LEFT;
    chosen.length = number();
    return readOffset() ? RESIZES : LEFT;
  }

  @inline
  stayed(slot: i32): void {
    goOn();
  }

  @inline
  copied(): void {
    copying = true;
  }

  /** The release of a block that was copied has been read with the copy's claim. */
  @inline
  freeing(slot: i32): bool {
    if (copying) {
      copying = false;
      return true;
    }
    at = next;
    chosen.payload = offset;
    return read() && code == RELEASE && last;
  }

  @inline
  freed(hole: i32): void {
    goOn();
  }

  @inline
  appear(hole: i32): void {}

  @inline
  vanish(hole: i32): void {}

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {}
}
