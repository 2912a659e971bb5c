/** Time x address as a table: how much of each stretch of addresses is in use, at moments that are evenly apart. */
import { count, hex, percent } from "../format.ts";
import { ROWS } from "../worker/address-band.ts";
import type { TimeByAddress } from "../worker/protocol.ts";
import { stackOf } from "./time-painter.ts";

const STRETCHES = 8;
const MOMENTS = 12;

export function AddressTable({ picture, digits }: { picture: TimeByAddress; digits: number }) {
  const { from, to, columns, heap } = picture;
  const { low, high } = stackOf(picture);
  const moments = Array.from({ length: Math.min(MOMENTS, columns) }, (_, i) =>
    Math.floor(((i + 1) * columns) / Math.min(MOMENTS, columns) - 1),
  );
  const edges = Array.from({ length: STRETCHES + 1 }, (_, i) => low + ((high - low) * i) / STRETCHES);
  const rowOf = (address: number) => (address - low) / heap.rowBytes;
  const used = (column: number, i: number) => {
    const first = Math.floor(rowOf(edges[i]));
    const last = Math.min(ROWS, Math.max(first + 1, Math.ceil(rowOf(edges[i + 1]))));
    let sum = 0;
    for (let row = first; row < last; row++)
      sum += Math.min(255, heap.live[column * ROWS + row] + heap.other[column * ROWS + row]);
    return sum / 255 / (last - first);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-twin" tabIndex={0} aria-label="Addresses over events, as a table">
      <table>
        <caption>Share of each stretch of addresses that is in use</caption>
        <thead>
          <tr>
            <th scope="col">Events</th>
            {edges.slice(0, -1).map((edge) => (
              <th key={edge} scope="col" class="value">
                from {hex(Math.floor(edge), digits)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {moments.map((column) => (
            <tr key={column}>
              <td>{count(Math.round(from + ((to - from) * (column + 1)) / columns))}</td>
              {edges.slice(0, -1).map((edge, i) => (
                <td key={edge} class="value">
                  {percent(used(column, i))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
