/** A run for each policy that the kernel knows, by the name that its TypeScript gives it. */
import { run } from "./events";
import { Buddy } from "./buddy";
import { Slab } from "./slab";
import { Tlsf } from "./tlsf";

export { registers } from "./memory";
export { digest } from "./meter";

export function run_tlsf(from: i32, to: i32): i32 {
  return run<Tlsf>(from, to);
}

export function run_slab(from: i32, to: i32): i32 {
  return run<Slab>(from, to);
}

export function run_buddy(from: i32, to: i32): i32 {
  return run<Buddy>(from, to);
}
