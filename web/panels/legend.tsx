/** What the map's colours and patterns stand for. */
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";

export function Legend() {
  const { tones } = PALETTES[theme.value];
  return (
    <ul class="legend" aria-label="Legend">
      <li>
        <span class="key key-tones">
          {tones.slice(0, 4).map((tone) => (
            <i key={tone} style={{ background: tone }} />
          ))}
        </span>
        live, a colour an object
      </li>
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
