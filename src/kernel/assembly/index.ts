/** A run for each policy that the kernel knows, by the name that its TypeScript gives it. */
import { run } from "./events";
import { Glibc } from "./glibc";
import { Tlsf } from "./tlsf";

export { registers } from "./memory";
export { mark, references } from "./graph";
export { digest } from "./meter";
export { slide } from "./slide";

export function run_tlsf(from: i32, to: i32): i32 {
  return run<Tlsf>(from, to);
}

export function run_glibc(from: i32, to: i32): i32 {
  return run<Glibc>(from, to);
}
