/** What the event before the cursor asked for, and what became of it. */
import type { Policy } from "../../src/allocators/contract.ts";
import type { Playback } from "../../src/replay/playback.ts";
import { State } from "../../src/space/space.ts";
import { CHUNK_EVENTS, type Chunk, isObjectless, OP_NAMES, Op } from "../../src/traces/trace.ts";
import type { LastEvent } from "./protocol.ts";
import type { Watcher } from "./watcher.ts";

/** `watcher` saw the event; `refused` says that it was. */
export function lastEvent(
  playback: Playback,
  watcher: Watcher,
  policy: Policy,
  refused: boolean,
): LastEvent | undefined {
  const { space, objects, event, trace } = playback;
  if (event === 0) return undefined;
  const chunk = trace.chunks[Math.floor((event - 1) / CHUNK_EVENTS)];
  const i = (event - 1) % CHUNK_EVENTS;
  const op = chunk.op[i];
  const bytes = op < Op.free ? chunk.bytes[i] : 0;
  const nowhere = { start: 0, length: 0, field: 0, target: undefined };
  const asked = { op: OP_NAMES[op], id: chunk.id[i], bytes, ...nowhere };
  if (op > Op.free) {
    if (policy.kind !== "collector") return { ...asked, outcome: "ignored" };
    return { ...asked, ...referred(playback, chunk, i) };
  }
  const slot = objects.slot(chunk.row[i]);
  if (refused) return { ...asked, outcome: "refused" };
  if (op !== Op.free) {
    if (slot === 0) return { ...asked, outcome: "skipped" };
    const outcome = watcher.claimedSlot === 0 ? "in place" : "placed";
    return { ...asked, outcome, start: space.start(slot), length: space.length(slot) };
  }
  const dead = watcher.diedSlot;
  if (dead !== 0 && space.state(dead) === State.garbage)
    return { ...asked, outcome: "garbage", start: space.start(dead), length: space.length(dead) };
  const [freed] = watcher.freed;
  return freed ? { ...asked, outcome: "freed", ...freed } : { ...asked, outcome: "skipped" };
}

/** Of an event that has to do with references. */
function referred({ space, objects }: Playback, chunk: Chunk, i: number) {
  const op = chunk.op[i];
  if (isObjectless(op)) return { outcome: "noted" } as const;
  const slot = objects.slot(chunk.row[i]);
  const isStore = op === Op.store;
  const target = isStore && chunk.bytes[i] > 0 ? objects.slot(chunk.bytes[i] - 1) : undefined;
  if (slot === 0 || target === 0) return { outcome: "skipped" } as const;
  return {
    outcome: "noted",
    start: space.start(slot),
    length: space.length(slot),
    field: isStore ? chunk.argument[i] : 0,
    target: target && space.id(target),
  } as const;
}
