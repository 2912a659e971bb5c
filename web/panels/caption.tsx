/** What the last event did to a heap, in words: the figure's caption. */
import type { ComponentChildren } from "preact";
import { bytes, count, hex, plural } from "../format.ts";
import { events, moments } from "../state/session.ts";
import type { LastEvent, Moment } from "../worker/protocol.ts";
import { CompactionPlayer } from "./compaction.tsx";
import { RefusalNote } from "./refusal.tsx";

export function Caption({ lane }: { lane: number }) {
  const moment = moments.value[lane];
  if (!moment) return <div class="caption" />;
  const { refusal, collection, last } = moment;
  return (
    <div class={`caption ${refusal ? "caption-refused" : ""}`} data-event={moment.event}>
      {refusal ? (
        <RefusalNote refusal={refusal} op={last?.op ?? "malloc"} holes={moment.values.holes} />
      ) : (
        <Placed moment={moment} />
      )}
      {collection && (
        <p>
          {collection.moves > 0 ? (
            <>
              <b>Compaction:</b> {plural(collection.moves, "object")} moved, {bytes(collection.movedBytes)};{" "}
              {plural(collection.reclaimed, "dead block")} given back.
            </>
          ) : (
            <>
              <b>Collection:</b> nothing had to move; {plural(collection.reclaimed, "dead block")} given back.
            </>
          )}
        </p>
      )}
      {collection && collection.moves > 0 && <CompactionPlayer lane={lane} />}
    </div>
  );
}

function Placed({ moment }: { moment: Moment }) {
  const { last, event } = moment;
  if (!last) return <p>Before the first of {plural(events.value, "event")}. Nothing has been asked for.</p>;
  return (
    <p>
      <span class="quiet">Event {count(event)}</span> {sentence(last)}
    </p>
  );
}

function sentence(last: LastEvent): ComponentChildren {
  const { op, id, outcome, start, length } = last;
  const call = (
    <code>
      {op}
      {op === "free" ? "" : ` ${bytes(last.bytes)}`}
    </code>
  );
  const at = <span class="figure">{hex(start)}</span>;
  switch (outcome) {
    case "placed":
      return (
        <>
          {call}: object {id} is placed at {at}, in a block of {bytes(length)}.
        </>
      );
    case "in place":
      return (
        <>
          {call}: object {id} stays at {at}, in a block of {bytes(length)}.
        </>
      );
    case "freed":
      return (
        <>
          {call}: object {id} leaves {bytes(length)} free at {at}.
        </>
      );
    case "garbage":
      return (
        <>
          {call}: object {id} is dead; its {bytes(length)} at {at} stay garbage until a collection.
        </>
      );
    case "skipped":
      return (
        <>
          {call}: object {id} was refused before, so there is nothing to do.
        </>
      );
    default:
      return call;
  }
}
