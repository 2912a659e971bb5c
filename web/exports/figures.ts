/** The figures of all lanes: as JSON what `heapscape run --reporter json` writes, and as CSV every series. */
import catalogue from "virtual:catalogue";
import { csvLines } from "../../src/report/csv.ts";
import { choosePolicy } from "../state/catalogue.ts";
import { lanes, trace } from "../state/session.ts";
import type { SeriesFacts } from "../worker/protocol.ts";

/** The same document as the command line's. */
export async function resultJson(): Promise<string> {
  const facts = trace.value;
  if (!facts) throw new Error("nothing is open");
  // With it comes the schema's own library, which nothing else on the page needs.
  const { json } = await import("../../src/report/json.ts");
  const cells = lanes.value.map(({ policy: called, heap, hash, metrics }) => {
    const { policy, options } = choosePolicy(called);
    return {
      input: facts.name,
      traceHash: facts.hash,
      policy: policy.name,
      options,
      heap,
      events: facts.events,
      recordingHash: hash,
      metrics,
      called,
    };
  });
  return json.write({ cells, failures: [] }, { version: catalogue.version, paint: (_, text) => text });
}

/** A row for each policy, series and bucket: the events it ends at, its least, greatest and last value. */
export function seriesCsv(): string {
  const events = trace.value?.events ?? 0;
  const rows = lanes.value.flatMap(({ policy, series }) =>
    series.flatMap((each) => bucketsOf(each, events).map((values) => [policy, each.name, ...values])),
  );
  const head = ["policy", "metric", "events", "min", "max", "last"];
  return csvLines([head, ...rows]);
}

const bucketsOf = ({ width, min, max, last }: SeriesFacts, events: number): number[][] =>
  Array.from(last, (value, i) => [Math.min(events, (i + 1) * width), min[i], max[i], value]);
