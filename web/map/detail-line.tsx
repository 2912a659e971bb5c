/** One line below the map: what lies under the pointer, or what was pinned. */
import { bytes, count, hex, shortSite } from "../format.ts";
import { event } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Detail } from "../worker/protocol.ts";

const coarse = matchMedia("(pointer: coarse)");

export function DetailLine({
  detail,
  pinned,
  digits,
}: {
  detail: Detail | undefined;
  pinned: boolean;
  digits: number;
}) {
  if (!detail)
    return (
      <p class="detail detail-empty">
        {coarse.matches
          ? "Tap the map for what lies there; two fingers zoom it."
          : "Point at the map for what lies there; click to pin it."}
      </p>
    );
  const colour = PALETTES[theme.value].tones[detail.tone];
  return (
    <p class="detail">
      {detail.id >= 0 && <i class="swatch" style={{ background: colour }} />}
      {pinned && <b>Pinned </b>}
      <b>{nameOf(detail)}</b> at <span class="figure">{hex(detail.start, digits)}</span>
      {detail.id >= 0 ? <Block detail={detail} digits={digits} /> : <span>, {bytes(detail.length)}</span>}
    </p>
  );
}

function Block({ detail, digits }: { detail: Detail; digits: number }) {
  const { start, length, bytes: asked, offset, born, thread, site } = detail;
  return (
    <span>
      : {bytes(asked)} asked for, payload at <span class="figure">{hex(start + offset, digits)}</span>, block
      of {bytes(length)}; born at event {count(born + 1)}, {count(event.value - born - 1)} ago
      {site !== "" && (
        <>
          , asked for by <span class="figure">{shortSite(site)}</span>
        </>
      )}
      {thread !== "" && <>, thread {thread}</>}
    </span>
  );
}

export function nameOf({ kind, id, use }: Detail): string {
  if (kind === "hole") return "Hole";
  if (kind === "control") return `Allocator’s ${use}`;
  return `${kind === "live" ? "Object" : "Garbage, was object"} ${id}`;
}
