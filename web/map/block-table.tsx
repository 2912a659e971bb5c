/** The map's twin for those who cannot see it: what lies on the visible rows, as a table. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { bytes, count, hex } from "../format.ts";
import { engine, moments } from "../state/session.ts";
import { pictures } from "../state/show.ts";
import type { Detail } from "../worker/protocol.ts";
import { nameOf } from "./detail-line.tsx";

const MOST = 200;

export function BlockTable({ lane, digits }: { lane: number; digits: number }) {
  const rows = useSignal<readonly Detail[]>([]);
  useSignalEffect(() => {
    const visible = pictures.value[lane]?.rows ?? [];
    void moments.value;
    if (visible.length === 0) return;
    const { start } = visible[0];
    const { end } = visible[visible.length - 1];
    engine
      .call((laboratory) => laboratory.list(lane, start, end, MOST))
      .then((found) => (rows.value = found))
      .catch(() => {});
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-twin" tabIndex={0} aria-label="Blocks and holes on the map">
      <table>
        <caption>
          {rows.value.length === MOST ? `The first ${count(MOST)} ranges` : count(rows.value.length)} on the
          map, low address first
        </caption>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">What</th>
            <th scope="col">Length</th>
            <th scope="col">Asked for</th>
          </tr>
        </thead>
        <tbody>
          {rows.value.map((row) => (
            <tr key={row.start} class={`is-${row.kind}`}>
              <td>{hex(row.start, digits)}</td>
              <td>{nameOf(row)}</td>
              <td>{bytes(row.length)}</td>
              <td>{row.id >= 0 ? bytes(row.bytes) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
