/** Every policy that can be named. A new one is a file and a line here. */
import { bestFit } from "./best-fit.ts";
import type { Policy } from "./contract.ts";
import { firstFit } from "./first-fit.ts";
import { nextFit } from "./next-fit.ts";
import { worstFit } from "./worst-fit.ts";

/** Allocators, in the order in which they are listed. Collectors are in `collectors/registry.ts`. */
export const ALLOCATORS: readonly Policy[] = [firstFit, bestFit, nextFit, worstFit];
