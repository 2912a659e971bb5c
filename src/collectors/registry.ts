/** Every collector that can be named. A new one is a file and a line here. */
import type { Policy } from "../allocators/contract.ts";
import { activeDefrag } from "./active-defrag.ts";
import { compressor } from "./compressor.ts";
import { dotnet } from "./dotnet.ts";
import { generational } from "./generational.ts";
import { handles } from "./handles.ts";
import { hotspotSerial } from "./hotspot-serial.ts";
import { immix } from "./immix.ts";
import { jonkers } from "./jonkers.ts";
import { markCompact } from "./mark-compact.ts";
import { markSweep } from "./mark-sweep.ts";
import { meshing } from "./meshing.ts";
import { mostlyCopying } from "./mostly-copying.ts";
import { pageEvacuate } from "./page-evacuate.ts";
import { pageMigration } from "./page-migration.ts";
import { partialCompact } from "./partial-compact.ts";
import { planCompact } from "./plan-compact.ts";
import { regions } from "./regions.ts";
import { semispace } from "./semispace.ts";
import { twoFinger } from "./two-finger.ts";

/** Collectors, in the order in which they are listed. */
export const COLLECTORS: readonly Policy[] = [
  markSweep,
  twoFinger,
  markCompact,
  jonkers,
  compressor,
  semispace,
  generational,
  hotspotSerial,
  immix,
  regions,
  pageEvacuate,
  planCompact,
  dotnet,
  mostlyCopying,
  partialCompact,
  handles,
  meshing,
  activeDefrag,
  pageMigration,
];
