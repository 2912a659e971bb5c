/** All policies of the scenario on one trace: a table with bars, and a row's way onto the page. */
import { useSignal } from "@preact/signals";
import { bytes, count, percent } from "../format.ts";
import { POLICIES } from "../state/catalogue.ts";
import {
  addPolicy,
  allInArena,
  type Compared,
  type Comparison,
  cancelComparison,
  compareAll,
  compared,
  comparing,
  comparison,
} from "../state/comparison.ts";
import { event, go, lanes, place, scenario } from "../state/session.ts";
import type { Measured } from "../worker/protocol.ts";

export function ComparisonPanel() {
  const done = comparison.value;
  const policies = compared();
  return (
    <section class="comparison" aria-labelledby="comparison-title">
      <header>
        <h2 id="comparison-title">
          {scenario.value ? "All policies of this scenario" : "More policies on this trace"}
        </h2>
        <Start policies={policies.length} />
        <AddField />
        {place.value?.heap === "grow" && <ArenaBox />}
      </header>
      {done && <Results done={done} />}
    </section>
  );
}

function Start({ policies }: { policies: number }) {
  const now = comparing.value;
  if (now) {
    const doing = `Replaying ${comparison.value?.rows[now.row]?.policy}`;
    const share = (now.row + now.share) / policies;
    return (
      <span class="comparison-progress" role="status">
        <progress value={share} max={1} aria-label={doing} />
        <button type="button" onClick={cancelComparison}>
          Stop
        </button>
        <span>{doing}</span>
      </span>
    );
  }
  return (
    <button type="button" class="strong" onClick={compareAll}>
      {policies === 1 ? "Measure" : `Compare ${count(policies)}`} at event {count(event.value)}
    </button>
  );
}

function AddField() {
  const problem = useSignal("");
  return (
    <form
      class="comparison-add"
      onSubmit={(submit) => {
        submit.preventDefault();
        const field = submit.currentTarget.elements.namedItem("policy") as HTMLInputElement;
        const text = field.value.trim();
        if (text === "") return;
        try {
          addPolicy(text);
          field.value = "";
          problem.value = "";
          compareAll();
        } catch (error) {
          problem.value = (error as Error).message;
        }
      }}
    >
      <input
        type="text"
        name="policy"
        list="all-policies"
        spellcheck={false}
        autocomplete="off"
        placeholder="such as tlsf"
        aria-label="Policy to add"
        aria-describedby="comparison-problem"
      />
      <datalist id="all-policies">
        {POLICIES.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit">Add</button>
      <span id="comparison-problem" class="is-bad" role="status">
        {problem.value}
      </span>
    </form>
  );
}

function ArenaBox() {
  return (
    <label class="comparison-arena">
      <input
        type="checkbox"
        checked={allInArena.value}
        onChange={(change) => {
          allInArena.value = change.currentTarget.checked;
          if (comparison.value) compareAll();
        }}
      />
      in an arena as large as the first one’s peak
    </label>
  );
}

function Results({ done }: { done: Comparison }) {
  const { rows, arena } = done;
  const most = Math.max(1, ...rows.map(({ measured }) => measured?.metrics.peakHeapBytes ?? 0));
  const inArena = (row: Compared) => typeof row.measured?.heap === "number";
  const mixed = rows.some(inArena) && !rows.every(inArena);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="comparison-scroll" tabIndex={0} aria-label="Results">
        <table class="comparison-table">
          <caption>
            After event {count(done.event)}: <i class="gauge-key gauge-live" /> live,{" "}
            <i class="gauge-key gauge-heap" /> heap, <i class="gauge-key gauge-peak" /> the heap’s peak
          </caption>
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col" class="wide-gauge">
                To scale
              </th>
              <th scope="col" class="value">
                Heap
              </th>
              <th scope="col" class="value" title="4 KiB pages touched and not given back">
                Resident
              </th>
              <th scope="col" class="value">
                Live
              </th>
              <th scope="col" class="value" title="1 - largestHole / holeBytes">
                External frag.
              </th>
              <th scope="col" class="value">
                Peak heap
              </th>
              <th scope="col" class="value">
                Refused
              </th>
              <th scope="col" class="value">
                Moved
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <Row
                key={row.policy}
                row={row}
                done={done}
                most={most}
                waits={comparing.value?.row === index}
              />
            ))}
          </tbody>
        </table>
      </section>
      {mixed && (
        <p class="quiet">
          * manages an arena of fixed size: it was given {bytes(arena)}, the peak of {rows[0].policy}.
        </p>
      )}
      {done.allInArena && (
        <p class="quiet">
          Each in an arena of {bytes(arena)}, the peak of {rows[0].policy} when it may grow.
        </p>
      )}
    </>
  );
}

interface RowProps {
  readonly row: Compared;
  readonly done: Comparison;
  /** Bytes of the longest bar. */
  readonly most: number;
  readonly waits: boolean;
}

function Row({ row: { policy, measured, problem }, done, most, waits }: RowProps) {
  const shown = lanes.value.findIndex((lane) => lane.policy === policy);
  const fixed = typeof measured?.heap === "number" && !done.allInArena && place.value?.heap === "grow";
  return (
    <tr data-policy={policy} aria-current={shown >= 0 ? "true" : undefined}>
      <th scope="row">
        {shown === 0 && !done.allInArena ? (
          <span class="is-first">{policy}</span>
        ) : (
          <button
            type="button"
            class="link"
            title={`Put ${policy} beside ${lanes.value[0].policy}`}
            onClick={() => beside(policy, done)}
          >
            {policy}
          </button>
        )}
        {fixed && "*"}
      </th>
      {measured ? (
        <Figures measured={measured} most={most} />
      ) : (
        <td colSpan={8} class={problem ? "is-bad" : "quiet"}>
          {problem ?? (waits ? "being replayed" : "not replayed")}
        </td>
      )}
    </tr>
  );
}

function Figures({ measured: { values, metrics }, most }: { measured: Measured; most: number }) {
  const width = (value: number) => `${(value / most) * 100}%`;
  return (
    <>
      <td class="wide-gauge">
        <span class="gauge" aria-hidden="true">
          <i class="gauge-heap" style={{ width: width(values.heapBytes) }} />
          <i class="gauge-live" style={{ width: width(values.liveBytes) }} />
          <i class="gauge-peak" style={{ left: width(metrics.peakHeapBytes) }} />
        </span>
      </td>
      <Figure name="heapBytes" value={values.heapBytes} />
      <Figure name="residentBytes" value={values.residentBytes} />
      <Figure name="liveBytes" value={values.liveBytes} />
      <td class="value" data-metric="externalFragmentation" data-value={values.externalFragmentation}>
        {percent(values.externalFragmentation)}
      </td>
      <Figure name="peakHeapBytes" value={metrics.peakHeapBytes} />
      <Figure name="refusals" value={metrics.refusals} />
      <Figure name="movedBytes" value={metrics.movedBytes} />
    </>
  );
}

function Figure({ name, value }: { name: string; value: number }) {
  return (
    <td
      class={`value ${name === "refusals" && value > 0 ? "is-bad" : ""}`}
      data-metric={name}
      data-value={value}
    >
      {count(value)}
    </td>
  );
}

/** As it was measured: in the arena, if it was in one and the page's heap grows. */
function beside(policy: string, { event: at, arena, allInArena: whole }: Comparison): void {
  const [first] = lanes.value;
  const policies = first.policy === policy ? [policy] : [first.policy, policy];
  go({ policies, event: at, ...(whole && { heap: String(arena) }) });
}
