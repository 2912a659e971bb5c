/** A chart's twin for those who cannot see it: the values of its series, at moments that are evenly apart. */
import { count, figure } from "../format.ts";
import { LETTERS } from "../panels/letters.ts";
import { lanes } from "../state/session.ts";
import { span } from "../state/span.ts";
import { seriesOf } from "./series.ts";

const ROWS = 24;

export interface Column {
  readonly lane: number;
  readonly name: string;
  readonly unit: string;
}

export function SeriesTable({ label, columns }: { label: string; columns: readonly Column[] }) {
  const { from, to } = span.value;
  const moments = Array.from({ length: ROWS }, (_, i) => Math.round(from + ((to - from) * (i + 1)) / ROWS));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-twin" tabIndex={0} aria-label={`${label}, as a table`}>
      <table>
        <caption>After so many events, at the end of each part of the chart</caption>
        <thead>
          <tr>
            <th scope="col">Events</th>
            {columns.map(({ lane, name }) => (
              <th key={`${lane} ${name}`} scope="col" class="value">
                {LETTERS[lane]} {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...new Set(moments)].map((moment) => (
            <tr key={moment}>
              <td>{count(moment)}</td>
              {columns.map(({ lane, name, unit }) => (
                <td key={`${lane} ${name}`} class="value">
                  {figure(valueAt(lane, name, moment), unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The series' last value of the bucket that ends there, or the one before. */
function valueAt(lane: number, name: string, moment: number): number {
  const { width, last } = seriesOf(lanes.value[lane], name);
  return last[Math.max(0, Math.min(last.length - 1, Math.ceil(moment / width) - 1))] ?? 0;
}
