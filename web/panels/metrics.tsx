/** The library's figures, with their formulas: at the cursor, and over the whole replay. */
import { METRICS, type Metric } from "../../src/metrics/metric.ts";
import { figure } from "../format.ts";
import { lanes, moments } from "../state/session.ts";
import { LETTERS } from "./letters.ts";

const AT_CURSOR = METRICS.filter(({ when }) => when === "event");
const TOTALS = METRICS.filter(({ when }) => when !== "event");

export function MetricsAtCursor() {
  const values = moments.value.map((moment) => moment.values);
  return <Table caption="At the cursor" metrics={AT_CURSOR} values={values} kind="cursor" />;
}

export function Totals() {
  const values = lanes.value.map(({ metrics }) => metrics);
  return (
    <details class="totals">
      <summary>Over the whole replay</summary>
      <Table caption="After the last event" metrics={TOTALS} values={values} kind="total" />
    </details>
  );
}

interface Props {
  readonly caption: string;
  readonly metrics: readonly Metric[];
  /** One for each lane. */
  readonly values: readonly Readonly<Record<string, number>>[];
  readonly kind: "cursor" | "total";
}

function Table({ caption, metrics, values, kind }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="figures-scroll" tabIndex={0} aria-label={caption}>
      <table class="figures" data-kind={kind}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {values.map((_, lane) => (
              <th key={LETTERS[lane]} scope="col" class="value">
                {LETTERS[lane]} <span class="quiet">{lanes.value[lane]?.policy.split(":")[0]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ name, unit, formula, about, source }) => (
            <tr key={name} title={source ? `${about} ${source}` : about}>
              <th scope="row">
                {name} <small>{formula}</small>
              </th>
              {values.map((each, lane) => (
                <td
                  key={LETTERS[lane]}
                  class="value"
                  data-metric={name}
                  data-lane={lane}
                  data-value={each[name]}
                >
                  {figure(each[name] ?? 0, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
