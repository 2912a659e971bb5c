/** Every policy that can be named. A new one is a file and a line here. */
import type { Policy } from "./contract.ts";

/** Allocators, in the order in which they are listed. Collectors are in `collectors/registry.ts`. */
export const ALLOCATORS: readonly Policy[] = [];
