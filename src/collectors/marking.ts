/**
 * Marking: what lives. Every collector that marks goes through here, so that an object graph need be known in one
 * place only.
 *
 * A trace of malloc and free has no references: `free` is the death, and the dead are garbage before the collector
 * looks. So nothing need be found; what finding it would cost is counted. Where the trace has references, what roots
 * and pins do not reach is found here, and is garbage from then on as well. Marking visits each live object once and
 * reads it whole, to find its references (Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section
 * 2.1, Algorithm 2.2; section 2.6 for the cost):
 *
 *   words(mark) = words of live blocks, headers included
 */
import { Cost, WORD } from "../space/cost.ts";
import { Counter, type Space, State } from "../space/space.ts";

/** Words of all live blocks. */
export const liveWords = (space: Space): number => Math.ceil(space.counter(Counter.blockBytes) / WORD);

/** What lives and is not reachable dies. What that costs is for the collector to count. */
export function findDead(space: Space): void {
  const { graph } = space;
  if (!graph.on) return;
  graph.mark();
  for (let slot = 1; slot < space.slotLimit; slot++)
    if (space.state(slot) === State.live && !graph.isMarked(slot)) space.die(slot);
}

/** Marks what lives; the rest is garbage from then on. */
export function mark(space: Space): void {
  findDead(space);
  space.count(Cost.markedWords, liveWords(space));
  space.count(Cost.touchedWords, liveWords(space));
}
