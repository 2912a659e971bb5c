/**
 * realloc on a collector: in place if the block is long enough, or `stretch` makes it so; else a new block, and the
 * old one dies. By its slot, not its address: to place the new block, a collection may have moved the old one.
 */
import { type Collector, REFUSED, type Request } from "../allocators/contract.ts";
import type { Address, Slot, Space } from "../space/space.ts";

/** Lengthens the block in `slot` by so many bytes where it is; whether it could. */
export type Stretch = (slot: Slot, more: number) => boolean;

export function reallocate(
  collector: Collector,
  space: Space,
  address: Address,
  bytes: number,
  request: Request,
  stretch: Stretch,
): Address {
  const more = collector.need(bytes, 0) - space.length(request.previous);
  if (more <= 0 || stretch(request.previous, more)) return address;
  const to = collector.allocate(bytes, 0, request);
  if (to !== REFUSED) space.die(request.previous);
  return to;
}
