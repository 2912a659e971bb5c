/** What must always hold of the cards: each reference from old to a young object is on a dirty one. For tests. */
import { type Address, type Slot, type Space, SpaceError, State } from "../../space/space.ts";
import { eachBlock } from "../each-block.ts";
import type { CardTable } from "./card-table.ts";
import type { Generations } from "./generations.ts";
import { REFERENCE, type RootTable } from "./root-table.ts";

/** `fieldsAt`: bytes from a block's start to its first field. */
export function checkCards(
  space: Space,
  generations: Generations,
  cards: CardTable,
  table: RootTable,
  fieldsAt: number,
): void {
  const { graph } = space;
  if (!graph.on) return;
  const check = (address: Address, target: Slot): void => {
    if (target === 0 || space.state(target) !== State.live || space.start(target) >= generations.old) return;
    if (!cards.isDirty(address))
      throw new SpaceError(`the card of the reference to ${space.nameOf(target)} at ${address} is clean`);
  };
  for (const slot of graph.roots()) if (table.address(slot) >= 0) check(table.address(slot), slot);
  eachBlock(space, generations.end, (slot) => {
    const start = space.start(slot);
    if (start < generations.settled) return;
    for (let field = 0; field < graph.fields(slot); field++)
      check(start + fieldsAt + field * REFERENCE, graph.target(slot, field));
  });
}
