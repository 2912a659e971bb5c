/** The page, from top to bottom. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FragmentationChart } from "./charts/fragmentation-chart.tsx";
import { Colours } from "./panels/colours.tsx";
import { ComparisonPanel } from "./panels/comparison.tsx";
import { Help } from "./panels/help.tsx";
import { Lane } from "./panels/lane.tsx";
import { Legend } from "./panels/legend.tsx";
import { MapsShow } from "./panels/maps-show.tsx";
import { MetricsAtCursor, Totals } from "./panels/metrics.tsx";
import { LiveRegion, Problem, Progress } from "./panels/notices.tsx";
import { AddPolicy } from "./panels/policy-picker.tsx";
import { Question } from "./panels/question.tsx";
import { TopBar } from "./panels/top-bar.tsx";
import { Transport } from "./panels/transport.tsx";
import { helping } from "./state/appearance.ts";
import { lanes, openFile, problem } from "./state/session.ts";
import { kept, unveiled } from "./state/unveiled.ts";

export function App() {
  const dropping = useSignal(false);
  const ready = lanes.value.length > 0;
  useEffect(() => takeDrops((over) => (dropping.value = over)), []);
  return (
    <div class={`page ${dropping.value ? "is-dropping" : ""}`}>
      <TopBar />
      <Progress />
      <Problem />
      <main style={kept.value > 0 ? { minHeight: `${kept.value}px` } : {}}>
        {ready ? <Stage /> : <Waiting />}
      </main>
      {ready && <Transport />}
      {helping.value && <Help />}
      <LiveRegion />
    </div>
  );
}

function Stage() {
  return (
    <>
      <Question />
      <div class="above-lanes">
        <Legend />
        <div class="above-tools">
          <MapsShow />
          <Colours />
          <AddPolicy />
        </div>
      </div>
      <div class={`lanes lanes-${lanes.value.length}`}>
        {lanes.value.map((_, lane) => (
          <Lane key={lane} lane={lane} />
        ))}
      </div>
      {unveiled.value > 2 && <Below />}
    </>
  );
}

function Below() {
  return (
    <>
      <ComparisonPanel />
      <div class={`below ${lanes.value.length > 3 ? "below-many" : ""}`}>
        <div>
          <FragmentationChart />
          <Totals />
        </div>
        <MetricsAtCursor />
      </div>
    </>
  );
}

function Waiting() {
  return (
    <section class="waiting">
      <h1>Why is memory that is free not usable?</h1>
      <p>{problem.value ? "Choose a scenario above, or drop a trace file here." : "Replaying."}</p>
    </section>
  );
}

/** A file may be dropped anywhere. Returns how to end that. */
function takeDrops(tell: (over: boolean) => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  addEventListener("dragover", (drag) => over(drag, true), { signal });
  addEventListener("dragleave", (drag) => drag.relatedTarget === null && tell(false), { signal });
  addEventListener(
    "drop",
    (drop) => {
      over(drop, false);
      const [file] = drop.dataTransfer?.files ?? [];
      if (file) openFile(file);
    },
    { signal },
  );
  return () => ended.abort();

  function over(drag: DragEvent, is: boolean): void {
    drag.preventDefault();
    tell(is);
  }
}
