/** What a policy's own lists hold at a moment, in the lists' order: the policy is run again up to there. */
import type { Playback } from "../../src/replay/playback.ts";
import type { ReplaySettings } from "../../src/replay/replay.ts";
import { rerun } from "../../src/replay/rerun.ts";
import type { Internals } from "./protocol.ts";

/** Entries of all lists that are sent; what is beyond is counted. */
const MOST = 20_000;

export function internalsAt({ trace, recording, event }: Playback, settings: ReplaySettings): Internals {
  const { allocator } = rerun(trace, settings, recording, event);
  const lists: { name: string; count: number; bytes: number; entries: Entry[] }[] = [];
  let sent = 0;
  allocator.internals?.({
    list: (name) => void lists.push({ name, count: 0, bytes: 0, entries: [] }),
    entry(start, length, state = "") {
      const list = lists[lists.length - 1];
      list.count++;
      list.bytes += length;
      if (sent++ < MOST) list.entries.push({ start, length, state });
    },
  });
  return { event, has: allocator.internals !== undefined, lists: lists.filter(({ count }) => count > 0) };
}

type Entry = Internals["lists"][number]["entries"][number];
