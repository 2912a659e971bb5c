/** External fragmentation of both policies over time: 1 - largestHole / holeBytes. */
import { useMemo } from "preact/hooks";
import { percent } from "../format.ts";
import { LETTERS } from "../panels/letters.ts";
import { events, lanes } from "../state/session.ts";
import { Plot, type Scales } from "./plot.tsx";
import { bandPath, linePath, seriesOf } from "./series.ts";
import { SeriesTable } from "./series-table.tsx";

export function FragmentationChart() {
  return (
    <Plot
      label="External fragmentation over events"
      title={
        <>
          <b>External fragmentation</b> <span class="quiet">1 − largest hole / hole bytes</span>
          {lanes.value.map(({ policy }, lane) => (
            <span key={LETTERS[lane]} class={`line-key lane-${LETTERS[lane]} series-${LETTERS[lane]}`}>
              <svg viewBox="0 0 24 8" aria-hidden="true">
                <path class="series-line" d="M0 4H24" />
              </svg>
              {LETTERS[lane]} {policy}
            </span>
          ))}
        </>
      }
      height={170}
      most={1}
      ticks={[0, 0.25, 0.5, 0.75, 1]}
      format={(value) => percent(value).replace(".0", "")}
      table={() => (
        <SeriesTable
          label="External fragmentation"
          columns={lanes.value.map((_, lane) => ({ lane, name: "externalFragmentation", unit: "" }))}
        />
      )}
      marked={lanes.value.map((_, lane) => lane)}
    >
      {(scales) => lanes.value.map((_, lane) => <Line key={LETTERS[lane]} lane={lane} scales={scales} />)}
    </Plot>
  );
}

function Line({ lane, scales }: { lane: number; scales: Scales }) {
  const facts = lanes.value[lane];
  const [, right] = scales.x.range();
  const paths = useMemo(() => {
    const series = seriesOf(facts, "externalFragmentation");
    return { band: bandPath(series, scales, events.value), line: linePath(series, scales, events.value) };
  }, [facts, right, ...scales.x.domain()]);
  return (
    <g class={`series lane-${LETTERS[lane]} series-${LETTERS[lane]}`}>
      <path class="series-band" d={paths.band} />
      <path class="series-line" d={paths.line} />
    </g>
  );
}
