/** What lies at an address, in words and figures. */
import type { Playback } from "../../src/replay/playback.ts";
import type { Node } from "../../src/space/block-map.ts";
import { CONTROL_NAMES, State } from "../../src/space/space.ts";
import type { Origins } from "./origins.ts";
import { toneOf } from "./palette.ts";
import type { Detail } from "./protocol.ts";
import { isEdge } from "./runs.ts";

export function described(playback: Playback, node: Node, origins: Origins): Detail {
  const { space } = playback;
  const place = { start: space.start(node), length: space.length(node) };
  const none = { id: -1, bytes: 0, offset: 0, born: 0, thread: "", site: "", use: "", tone: 0 };
  if (node < 0) return { kind: "hole", ...place, ...none };
  const state = space.state(node);
  if (state === State.control)
    return { kind: "control", ...place, ...none, use: CONTROL_NAMES[space.payload(node)] };
  const [born] = playback.births([node]);
  return {
    kind: state === State.live ? "live" : "garbage",
    ...place,
    id: space.id(node),
    bytes: space.payload(node),
    offset: space.offset(node),
    born,
    thread: origins.thread(born),
    site: origins.site(born),
    use: "",
    tone: toneOf(space.id(node)),
  };
}

/** What lies in [from, to), at most `most` nodes. */
export function listed(
  playback: Playback,
  origins: Origins,
  { from, to, most }: { readonly from: number; readonly to: number; readonly most: number },
): Detail[] {
  const { space } = playback;
  const found: Detail[] = [];
  for (const segment of space.segments()) {
    const [start, end] = [space.start(segment), space.segmentEnd(segment)];
    if (start >= to || end <= from || start === end) continue;
    let node = space.at(Math.max(from, start));
    while (found.length < most && !isEdge(space, node) && space.start(node) < to) {
      found.push(described(playback, node, origins));
      node = space.next(node);
    }
  }
  return found;
}
