/** A run for each policy that the kernel knows, by the name that its TypeScript gives it; and for playback. */
import { run } from "./events";
import { Buddy } from "./policies/buddy";
import { Glibc } from "./policies/glibc";
import { LongestPages } from "./policies/longest-pages";
import { Played } from "./played";
import { SequentialFit } from "./policies/sequential-fit";
import { ShortestFirst } from "./policies/shortest-first";
import { Slab } from "./policies/slab";
import { Tlsf } from "./policies/tlsf";

export { mark, references } from "./graph";
export { walk } from "./holes";
export { registers } from "./memory";
export { digest } from "./meter";
export { slide } from "./slide";

export function run_tlsf(from: i32, to: i32): i32 {
  return run<Tlsf>(from, to);
}

export function run_glibc(from: i32, to: i32): i32 {
  return run<Glibc>(from, to);
}

export function run_best_fit(from: i32, to: i32): i32 {
  return run<SequentialFit<ShortestFirst>>(from, to);
}

export function run_first_fit(from: i32, to: i32): i32 {
  return run<SequentialFit<LongestPages>>(from, to);
}

export function run_slab(from: i32, to: i32): i32 {
  return run<Slab>(from, to);
}

export function run_buddy(from: i32, to: i32): i32 {
  return run<Buddy>(from, to);
}

export function run_played(from: i32, to: i32): i32 {
  return run<Played>(from, to);
}
