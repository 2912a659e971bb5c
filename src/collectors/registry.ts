/** Every collector that can be named. A new one is a file and a line here. */
import type { Policy } from "../allocators/contract.ts";
import { activeDefrag } from "./active-defrag.ts";
import { handles } from "./handles.ts";
import { markCompact } from "./mark-compact.ts";
import { markSweep } from "./mark-sweep.ts";
import { pageMigration } from "./page-migration.ts";
import { partialCompact } from "./partial-compact.ts";
import { semispace } from "./semispace.ts";

/** Collectors, in the order in which they are listed. */
export const COLLECTORS: readonly Policy[] = [
  markSweep,
  markCompact,
  semispace,
  handles,
  activeDefrag,
  pageMigration,
  partialCompact,
];
