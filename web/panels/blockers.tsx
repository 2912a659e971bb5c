/** Which blocks pin the range where a refused request would fit with the least to move, and when they were born. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { bytes, count, hex, percent, plural, shortSite } from "../format.ts";
import { playing } from "../state/cursor.ts";
import { phaseName, phaseOf } from "../state/phases.ts";
import { pointed } from "../state/pointed.ts";
import { engine, moments } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Blockers as Found } from "../worker/protocol.ts";

/** Blocks that are grouped, and those of them that are listed. */
const MOST = 4096;
const LISTED = 60;
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
  const groups = groupsOf(best);
  return (
    <div class="blockers">
      <p>
        {best.blocks === 1 ? "One live block pins" : `${plural(best.blocks, "live block")} pin`}{" "}
        <button type="button" class="link" onClick={() => (pointed.value = { lane, start, length })}>
          the best {bytes(best.length)}
        </button>
        , at <span class="figure">{hex(start)}</span>: <b>{bytes(best.bytes)}</b> in the way,{" "}
        {percent(best.bytes / best.length)} of it
        {groups.by === "site" && (
          <>
            , {groups.all.length > 1 ? `${bytes(groups.all[0].bytes)} of them` : "all"} asked for by{" "}
            <b class="site">{shortSite(groups.all[0].name)}</b>
          </>
        )}
        .{" "}
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
          <GroupTable groups={groups} best={best} />
          <Blocks best={best} lane={lane} />
        </>
      )}
    </div>
  );
}

interface Groups {
  readonly by: "site" | "phase";
  /** Most bytes first. */
  readonly all: readonly { readonly name: string; readonly blocks: number; readonly bytes: number }[];
}

/** By who asked for them; where the trace does not know, by the phase in which they were born. */
function groupsOf(best: Found): Groups {
  const groups = new Map<string, { blocks: number; bytes: number }>();
  const sited = best.inTheWay.some(({ site }) => site !== "");
  for (const { born, site, length } of best.inTheWay) {
    const name = sited ? site || "somebody unknown" : phaseNameAt(born);
    const group = groups.get(name) ?? { blocks: 0, bytes: 0 };
    groups.set(name, { blocks: group.blocks + 1, bytes: group.bytes + length });
  }
  const all = Array.from(groups, ([name, group]) => ({ name, ...group })).sort((a, b) => b.bytes - a.bytes);
  return { by: sited ? "site" : "phase", all };
}

function GroupTable({ groups: { by, all }, best }: { groups: Groups; best: Found }) {
  if (all.length < 2) return null;
  const sited = by === "site";
  return (
    <table class="topmost groups">
      <caption class="unseen">
        What is in the way, by {sited ? "call site" : "phase of birth"}
        {best.inTheWay.length < best.blocks && `, of the lowest ${count(best.inTheWay.length)} blocks`}
      </caption>
      <thead>
        <tr>
          <th scope="col">{sited ? "Asked for by" : "Born in"}</th>
          <th scope="col" class="value">
            Blocks
          </th>
          <th scope="col" class="value">
            Bytes
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ name, ...group }) => (
          <tr key={name}>
            <th scope="row" class="site" title={name}>
              {shortSite(name)}
            </th>
            <td class="value">{count(group.blocks)}</td>
            <td class="value">{bytes(group.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function phaseNameAt(born: number): string {
  const phase = phaseOf(born);
  return phase ? phaseName(phase) : "before the first phase";
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
        {best.inTheWay.slice(0, LISTED).map(({ id, start, length, bytes: asked, tone, born }) => (
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
