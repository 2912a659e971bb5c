/** Which blocks pin the range where a refused request would fit with the least to move, and when they were born. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { bytes, count, hex, percent, plural } from "../format.ts";
import { playing } from "../state/cursor.ts";
import { phaseName, phaseOf } from "../state/phases.ts";
import { pointed } from "../state/pointed.ts";
import { engine, moments } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Blockers as Found } from "../worker/protocol.ts";

const MOST = 60;
/** Milliseconds that the cursor must rest. */
const REST = 80;

export function Blockers({ lane }: { lane: number }) {
  const found = useSignal<Found | undefined>(undefined);
  const open = useSignal(false);
  useSignalEffect(() => {
    const moment = moments.value[lane];
    if (!moment?.refusal || playing.value) return;
    const timer = setTimeout(
      () =>
        engine
          .call((laboratory) => laboratory.blockers(lane, MOST))
          .then((blockers) => (found.value = blockers))
          .catch(() => {}),
      REST,
    );
    return () => clearTimeout(timer);
  });
  const best = found.value;
  if (!best || best.event !== moments.value[lane]?.event) return null;
  if (best.blocks === 0) return null;
  const { start, length } = best;
  return (
    <div class="blockers">
      <p>
        {best.blocks === 1 ? "One live block pins" : `${plural(best.blocks, "live block")} pin`}{" "}
        <button type="button" class="link" onClick={() => (pointed.value = { lane, start, length })}>
          the best {bytes(best.length)}
        </button>
        , at <span class="figure">{hex(start)}</span>: <b>{bytes(best.bytes)}</b> in the way,{" "}
        {percent(best.bytes / best.length)} of it.{" "}
        <button
          type="button"
          class="link"
          aria-expanded={open.value}
          onClick={() => (open.value = !open.value)}
        >
          {open.value ? "hide them" : "which?"}
        </button>
      </p>
      {open.value && (
        <>
          <Groups best={best} />
          <Blocks best={best} lane={lane} />
        </>
      )}
    </div>
  );
}

/** The trace has no call sites: the phase in which a block was born stands for where it comes from. */
function Groups({ best }: { best: Found }) {
  const groups = new Map<string, { blocks: number; bytes: number }>();
  for (const { born, length } of best.inTheWay) {
    const phase = phaseOf(born);
    const name = phase ? phaseName(phase) : "before the first phase";
    const group = groups.get(name) ?? { blocks: 0, bytes: 0 };
    groups.set(name, { blocks: group.blocks + 1, bytes: group.bytes + length });
  }
  if (groups.size < 2) return null;
  const sorted = [...groups].sort(([, a], [, b]) => b.bytes - a.bytes);
  return (
    <p class="quiet">
      Born in{" "}
      {sorted.map(([name, group], i) => (
        <span key={name}>
          {i > 0 && "; "}
          <b>{name}</b>: {plural(group.blocks, "block")}, {bytes(group.bytes)}
        </span>
      ))}
      .
    </p>
  );
}

function Blocks({ best, lane }: { best: Found; lane: number }) {
  return (
    <table class="topmost">
      <caption class="unseen">Live blocks in the way, lowest address first</caption>
      <thead>
        <tr>
          <th scope="col">In the way</th>
          <th scope="col">At</th>
          <th scope="col" class="value">
            Asked for
          </th>
          <th scope="col">Born</th>
        </tr>
      </thead>
      <tbody>
        {best.inTheWay.map(({ id, start, length, bytes: asked, tone, born }) => (
          <tr key={id} data-id={id}>
            <th scope="row">
              <button
                type="button"
                class="link"
                aria-label={`Show object ${id} on the map`}
                onClick={() => (pointed.value = { lane, start, length })}
              >
                <i class="swatch" style={{ background: PALETTES[theme.value].tones[tone] }} />
                {id}
              </button>
            </th>
            <td class="figure">{hex(start)}</td>
            <td class="value">{count(asked)}</td>
            <td>
              event {count(born + 1)}
              <span class="quiet">, {count(best.event - born - 1)} ago</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
