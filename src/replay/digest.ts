/**
 * The whole state of a space in 16 hex digits: every node of every segment, in address order, and how many pages are
 * resident.
 */
import { PAGE, type Space, State } from "../space/space.ts";
import { Hash } from "../traces/hash.ts";

export function digest(space: Space): string {
  const hash = new Hash();
  for (const segment of space.segments()) {
    hash.word(space.start(segment) / space.granule);
    for (let node = space.next(segment); node !== segment; node = space.next(node)) {
      hash.word(space.length(node) / space.granule);
      hash.word(node < 0 ? -1 : node);
      hash.word(node < 0 ? State.vacant : space.state(node));
      hash.word(node < 0 ? 0 : space.payload(node));
    }
  }
  hash.word(space.residentBytes / PAGE);
  return hash.digest();
}
