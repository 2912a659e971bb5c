/** The strips' twin: every object that a collection moves, from where to where. */
import { bytes, count, hex } from "../format.ts";
import type { Compaction } from "../worker/protocol.ts";

const MOST = 200;

export function MovesTable({ moves }: Pick<Compaction, "moves">) {
  const shown = Math.min(MOST, moves.count);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-twin" tabIndex={0} aria-label="Moves, as a table">
      <table>
        <caption>
          {moves.count > MOST ? `The first ${MOST} of ${count(moves.count)} moves` : "All moves"}, in their
          order
        </caption>
        <thead>
          <tr>
            <th scope="col">Object</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="value">
              Block
            </th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, i) => (
            <tr key={`${moves.id[i]} ${moves.from[i]}`}>
              <td>{moves.id[i]}</td>
              <td class="figure">{hex(moves.from[i])}</td>
              <td class="figure">{hex(moves.to[i])}</td>
              <td class="value">{bytes(moves.length[i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
