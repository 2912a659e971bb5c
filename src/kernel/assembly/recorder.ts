/** The recording's hash: what `Recorder` of src/replay/recorder.ts notes, by the rounds of src/traces/hash.ts. */
import { EVENT, HASH, HASHED, LAST_OFFSET } from "../registers";
import { address, register, setWord, word } from "./memory";

// Operations of src/replay/log.ts.
const CLAIM = 1;
const RELEASE = 2;
const MOVE = 6;
const RESIZE = 7;
const PAYLOAD_AT = 12;

const P1: i32 = 0x85ebca77;
const Q1: i32 = 0x9e3779b1;
const P2: i32 = 0xc2b2ae3d;
const Q2: i32 = 0x27d4eb2f;

/** The number of the event at hand, in the replay. */
export let event: i32 = 0;
let hashed: bool = false;
let hash: usize = 0;
let last: usize = 0;

export function bindRecorder(): void {
  hashed = register(HASHED) != 0;
  hash = address(HASH);
  last = address(LAST_OFFSET);
  event = register(EVENT);
}

@inline
export function setEvent(number: i32): void {
  event = number;
}

@inline
export function hashClaim(start: i32, length: i32): void {
  if (hashed) three(CLAIM, start, length);
}

@inline
export function hashRelease(slot: i32): void {
  if (hashed) three(RELEASE, slot, 0);
}

@inline
export function hashMove(slot: i32, to: i32, from: i32): void {
  if (hashed) four(MOVE, slot, to, from);
}

@inline
export function hashResize(slot: i32, start: i32, length: i32): void {
  if (hashed) four(RESIZE, slot, start, length);
}

@inline
export function hashPayloadAt(offset: i32): void {
  if (!hashed || offset == load<i32>(last)) return;
  store<i32>(last, offset);
  three(PAYLOAD_AT, offset, 0);
}

function four(operation: i32, second: i32, third: i32, fourth: i32): void {
  three(operation, second, third);
  setWord(hash, 0, rotl<i32>(word(hash, 0) + fourth * P1, 13) * Q1);
  setWord(hash, 1, rotl<i32>(word(hash, 1) + fourth * P2, 17) * Q2);
  setWord(hash, 2, word(hash, 2) + 1);
}

@inline
function three(operation: i32, second: i32, third: i32): void {
  const first = (event << 4) | operation;
  let a = word(hash, 0);
  let b = word(hash, 1);
  a = rotl<i32>(a + first * P1, 13) * Q1;
  b = rotl<i32>(b + first * P2, 17) * Q2;
  a = rotl<i32>(a + second * P1, 13) * Q1;
  b = rotl<i32>(b + second * P2, 17) * Q2;
  setWord(hash, 0, rotl<i32>(a + third * P1, 13) * Q1);
  setWord(hash, 1, rotl<i32>(b + third * P2, 17) * Q2);
  setWord(hash, 2, word(hash, 2) + 3);
}
