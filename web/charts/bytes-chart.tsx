/** The heap over time as strata: what was asked for, what blocks add to it, garbage, control; the rest is holes. */
import { useMemo } from "preact/hooks";
import { formatSize } from "../../src/options/size.ts";
import { events, lanes } from "../state/session.ts";
import { Plot, type Scales } from "./plot.tsx";
import { bandPath, binaryTicks, layerPath, linePath, seriesOf } from "./series.ts";
import { SeriesTable } from "./series-table.tsx";

const SHOWN = ["liveBytes", "blockBytes", "garbageBytes", "controlBytes", "heapBytes"];

/** Of the chart's height, what the policy keeps for itself must reach to be named. */
const OWN = 0.02;

export function BytesChart({ lane }: { lane: number }) {
  const facts = lanes.value[lane];
  const most = Math.max(...lanes.value.map(({ metrics }) => metrics["heapBytes.max"])) * 1.04;
  return (
    <Plot
      label={`Bytes of ${facts.policy} over events: live, blocks, garbage and heap`}
      title={
        <>
          <b>Bytes</b>
          <span class="plot-key key-live">live</span>
          <span class="plot-key key-block">blocks</span>
          {facts.collector && <span class="plot-key key-garbage-line">garbage</span>}
          {facts.metrics["controlBytes.max"] > OWN * most && <span class="plot-key key-own">its own</span>}
          <span class="plot-key key-heap">heap</span>
        </>
      }
      height={132}
      most={most}
      ticks={binaryTicks(most, 3)}
      format={formatSize}
      marked={[lane]}
      table={() => (
        <SeriesTable
          label={`Bytes of ${facts.policy}`}
          columns={SHOWN.map((name) => ({ lane, name, unit: "bytes" }))}
        />
      )}
    >
      {(scales) => <Strata lane={lane} scales={scales} />}
    </Plot>
  );
}

function Strata({ lane, scales }: { lane: number; scales: Scales }) {
  const facts = lanes.value[lane];
  const [, right] = scales.x.range();
  const paths = useMemo(() => {
    const live = seriesOf(facts, "liveBytes");
    const block = seriesOf(facts, "blockBytes");
    const garbage = seriesOf(facts, "garbageBytes");
    const control = seriesOf(facts, "controlBytes");
    const n = events.value;
    return {
      live: layerPath([], [live], scales, n),
      waste: layerPath([live], [block], scales, n),
      garbage: layerPath([block], [block, garbage], scales, n),
      control: layerPath([block, garbage], [block, garbage, control], scales, n),
      band: bandPath(block, scales, n),
      line: linePath(block, scales, n),
      heap: linePath(seriesOf(facts, "heapBytes"), scales, n),
    };
  }, [facts, right, scales.y.domain()[1], ...scales.x.domain()]);
  return (
    <g class="strata">
      <path class="stratum-live" d={paths.live} />
      <path class="stratum-waste" d={paths.waste} />
      <path class="stratum-garbage" d={paths.garbage} />
      <path class="stratum-control" d={paths.control} />
      <path class="band-block" d={paths.band} />
      <path class="line-block" d={paths.line} />
      <path class="line-heap" d={paths.heap} />
    </g>
  );
}
