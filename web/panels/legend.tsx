/** What the map's colours and patterns stand for. */
import { against, filter } from "../state/appearance.ts";
import { ColourKeys } from "./colours.tsx";
import { DifferenceKeys } from "./maps-show.tsx";

export function Legend() {
  if (against.value)
    return (
      <ul class="legend" aria-label="Legend">
        <DifferenceKeys />
      </ul>
    );
  return (
    <ul class="legend" aria-label="Legend">
      <ColourKeys />
      <li>
        <i class="key key-waste" /> header and rounding
      </li>
      <li>
        <i class="key key-garbage" /> garbage
      </li>
      <li>
        <i class="key key-control" /> allocator’s own
      </li>
      <li>
        <i class="key key-hole" /> hole
      </li>
      {filter.value?.kind === "hole" && (
        <li>
          <i class="key key-found" /> hole of that length
        </li>
      )}
      <li>
        <i class="key key-claimed" /> just placed
      </li>
      <li>
        <i class="key key-freed" /> just freed
      </li>
      <li>
        <i class="key key-moved" /> just moved
      </li>
    </ul>
  );
}
