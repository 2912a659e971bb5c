/** The question that the scenario asks, and what to look for, one thing at a time, with a way to its moment. */
import { useSignal } from "@preact/signals";
import type { Look } from "../../src/scenarios/scenario.ts";
import { count, plural } from "../format.ts";
import { type NamedScenario, parseWorkload, WORKLOAD_PREFIX } from "../state/catalogue.ts";
import { pause, seek } from "../state/cursor.ts";
import { cursorOf } from "../state/scenarios.ts";
import { event, go, lanes, place, scenario, trace } from "../state/session.ts";

export function Question() {
  const asked = scenario.value;
  if (!asked) return <TraceHeading />;
  return (
    <section class="question" aria-label="Scenario">
      <h1>{asked.question}</h1>
      <Looks key={asked.name} asked={asked} />
    </section>
  );
}

function Looks({ asked }: { asked: NamedScenario }) {
  const { look: looks } = asked;
  const chosen = useSignal(Math.max(0, looks.findIndex(isHere)));
  const look = looks[chosen.value];
  const at = momentOf(look);
  const show = (index: number) => {
    chosen.value = index;
    goTo(looks[index]);
  };
  return (
    <div class="looks">
      <div class="looks-steps">
        <span>Look for</span>
        {looks.map((each, index) => (
          <button
            key={each.text}
            type="button"
            aria-label={`Look ${index + 1}: ${each.text}`}
            aria-pressed={index === chosen.value}
            onClick={() => show(index)}
          >
            {index + 1}
          </button>
        ))}
      </div>
      <p>
        {look.text}{" "}
        {isAsWritten(asked) ? (
          at !== undefined &&
          !isHere(look) && (
            <button type="button" class="link" onClick={() => show(chosen.value)}>
              to event {count(at)}
            </button>
          )
        ) : (
          <button type="button" class="link" onClick={() => go({ heap: asked.heap, seed: asked.seed })}>
            written for heap {asked.heap} and seed {asked.seed}: back to them
          </button>
        )}
      </p>
    </div>
  );
}

const momentOf = (look: Look): number | undefined => cursorOf(look, trace.value?.phases ?? []);

const isShown = ({ policy }: Look): boolean =>
  policy === undefined || lanes.value.some((lane) => lane.policy === policy);

/** Whether the figures of the texts can be those on the page. */
const isAsWritten = ({ heap, seed }: NamedScenario): boolean =>
  place.value?.heap === heap && place.value.seed === seed;

const isHere = (look: Look): boolean => momentOf(look) === event.value && isShown(look);

/** A policy that is not on the page takes the place of the last one, or stands beside the only one. */
async function goTo(look: Look): Promise<void> {
  pause();
  const at = momentOf(look);
  if (!isShown(look) && look.policy !== undefined)
    await go({ policies: withLast(look.policy), event: at ?? event.value });
  else if (at !== undefined) seek(at);
}

const withLast = (policy: string): string[] => {
  const shown = lanes.value.map((lane) => lane.policy);
  return [...shown.slice(0, Math.max(1, shown.length - 1)), policy];
};

function TraceHeading() {
  const facts = trace.value;
  if (!facts) return null;
  const odd = facts.anomalies.map((anomaly) => `${count(anomaly.count)} × ${anomaly.kind}`).join(", ");
  return (
    <section class="question" aria-label="Trace">
      <h1>{facts.name.replace(WORKLOAD_PREFIX, "")}</h1>
      <p class="looks">
        {place.value?.source.kind === "workload" &&
          `${parseWorkload(place.value.source.text).workload.summary} `}
        {plural(facts.events, "event")}, {plural(facts.objects, "object")}, at most{" "}
        {count(facts.peakLiveBytes)} bytes live at once. Fidelity: {facts.fidelity}
        {odd !== "" && <>; let pass: {odd}</>}.
      </p>
    </section>
  );
}
