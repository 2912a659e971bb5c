/** One policy from top to bottom: its name and options, the heap, what just happened, its bytes over time. */
import { AddressChart } from "../charts/address-chart.tsx";
import { BytesChart } from "../charts/bytes-chart.tsx";
import { plural } from "../format.ts";
import { HeapMap } from "../map/heap-map.tsx";
import { lanes } from "../state/session.ts";
import { unveiled } from "../state/unveiled.ts";
import { Caption } from "./caption.tsx";
import { Lengths } from "./lengths.tsx";
import { LETTERS } from "./letters.ts";
import { Pins } from "./pins.tsx";
import { PolicyPicker } from "./policy-picker.tsx";

export function Lane({ lane }: { lane: number }) {
  const facts = lanes.value[lane];
  if (!facts) return null;
  const { refusals, collections } = facts.metrics;
  return (
    <section class={`lane lane-${LETTERS[lane]}`} aria-label={`Policy ${LETTERS[lane]}: ${facts.policy}`}>
      <header class="lane-head">
        <b class="letter" aria-hidden="true">
          {LETTERS[lane]}
        </b>
        <PolicyPicker lane={lane} />
        <p class="verdict">
          <span class={refusals > 0 ? "is-bad" : ""}>
            {refusals > 0 ? plural(refusals, "request") : "nothing"} refused
          </span>
          {facts.collector && <span>{plural(collections, "collection")}</span>}
        </p>
      </header>
      <HeapMap lane={lane} />
      <Caption lane={lane} />
      <Pins lane={lane} />
      {unveiled.value > 0 && <BytesChart lane={lane} />}
      {unveiled.value > 1 && (
        <>
          <AddressChart lane={lane} />
          <Lengths lane={lane} />
        </>
      )}
    </section>
  );
}
