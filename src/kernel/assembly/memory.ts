/** Words of the memory that is shared with the replay, by address and index; and the registers in it. */
import { REGISTERS } from "../registers";

export const registers: usize = memory.data(4 * REGISTERS);

@inline
export function word(base: usize, i: i32): i32 {
  return load<i32>(base + ((<usize>i) << 2));
}

@inline
export function setWord(base: usize, i: i32, value: i32): void {
  store<i32>(base + ((<usize>i) << 2), value);
}

@inline
export function addWord(base: usize, i: i32, more: i32): void {
  setWord(base, i, word(base, i) + more);
}

@inline
export function register(i: i32): i32 {
  return word(registers, i);
}

@inline
export function address(i: i32): usize {
  return <usize>register(i);
}
