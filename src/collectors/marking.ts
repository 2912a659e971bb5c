/**
 * Marking: what lives. Every collector that marks goes through here, so that an object graph need be known in one
 * place only.
 *
 * A trace of malloc and free has no references: `free` is the death, and the dead are garbage before the collector
 * looks. So nothing need be found; what finding it would cost is counted. Marking visits each live object once and
 * reads it whole, to find its references (Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section
 * 2.1, Algorithm 2.2; section 2.6 for the cost):
 *
 *   words(mark) = words of live blocks, headers included
 */
import { Cost, WORD } from "../space/cost.ts";
import { Counter, type Space } from "../space/space.ts";

/** Words of all live blocks. */
export const liveWords = (space: Space): number => Math.ceil(space.counter(Counter.blockBytes) / WORD);

/** Marks what lives; the rest is garbage from then on. */
export function mark(space: Space): void {
  space.count(Cost.touchedWords, liveWords(space));
}
