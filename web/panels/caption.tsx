/** What the last event did to a heap, in words: the figure's caption. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { bytes, count, hex, plural } from "../format.ts";
import { events, moments } from "../state/session.ts";
import type { CollectionFacts, LastEvent, Moment } from "../worker/protocol.ts";
import { Blockers } from "./blockers.tsx";
import { CompactionPlayer } from "./compaction.tsx";
import { RefusalNote } from "./refusal.tsx";

export function Caption({ lane }: { lane: number }) {
  const moment = moments.value[lane];
  if (!moment) return <div class="caption" />;
  const { refusal, collection, last } = moment;
  return (
    <div class={`caption ${refusal ? "caption-refused" : ""}`} data-event={moment.event}>
      {refusal ? (
        <>
          <RefusalNote refusal={refusal} op={last?.op ?? "malloc"} holes={moment.values.holes} />
          <Blockers lane={lane} />
        </>
      ) : (
        <Placed moment={moment} />
      )}
      {collection && <Collected collection={collection} />}
      {collection && <PassByPass lane={lane} moves={collection.moves} key={moment.event} />}
    </div>
  );
}

/** Open where something moves; elsewhere there is only the marking to see. */
function PassByPass({ lane, moves }: { lane: number; moves: number }) {
  const open = useSignal(moves > 0);
  if (open.value) return <CompactionPlayer lane={lane} />;
  return (
    <p>
      <button type="button" class="link" onClick={() => (open.value = true)}>
        Show its marking
      </button>
    </p>
  );
}

function Collected({ collection }: { collection: CollectionFacts }) {
  const { each, moves, movedBytes, reclaimed, touchedWords, updatedReferences, extraBytes } = collection;
  const times = each.length > 1 ? `${each.length} collections` : undefined;
  return (
    <p>
      {moves > 0 ? (
        <>
          <b>{times ?? "Compaction"}:</b> {plural(moves, "object")} moved, {bytes(movedBytes)};{" "}
        </>
      ) : (
        <>
          <b>{times ?? "Collection"}:</b> nothing had to move;{" "}
        </>
      )}
      {plural(reclaimed, "dead block")} given back.{" "}
      <span class="quiet">
        Cost: {plural(touchedWords, "word")} touched
        {updatedReferences > 0 && <>, {plural(updatedReferences, "reference")} updated</>}
        {extraBytes > 0 && <>, {bytes(extraBytes)} beside the heap</>}.
      </span>
    </p>
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

const asksForBytes = (op: LastEvent["op"]): boolean =>
  op === "malloc" || op === "calloc" || op === "memalign" || op === "realloc";

function sentence(last: LastEvent): ComponentChildren {
  const { op, id, outcome, start, length } = last;
  const call = (
    <code>
      {op}
      {asksForBytes(op) ? ` ${bytes(last.bytes)}` : ""}
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
          {call}: {op === "store" ? `object ${id}, or what it is to refer to,` : `object ${id}`} was refused
          or reclaimed before, so there is nothing to do.
        </>
      );
    case "ignored":
      return <>{call}: an allocator knows no references and collects nothing.</>;
    case "noted":
      return (
        <>
          {call}: {noted(last)}
        </>
      );
    default:
      return call;
  }
}

/** What an event that has to do with references says. */
function noted({ op, id, field, target, start }: LastEvent): ComponentChildren {
  const object = (
    <>
      object {id} at <span class="figure">{hex(start)}</span>
    </>
  );
  switch (op) {
    case "store":
      return (
        <>
          field {field} of {object} refers to {target === undefined ? "nothing" : `object ${target}`} from now
          on.
        </>
      );
    case "root":
      return <>the program holds on to {object}, and so to all that it reaches.</>;
    case "unroot":
      return <>the program lets go of {object}.</>;
    case "pin":
      return <>{object} must stay where it is.</>;
    case "unpin":
      return <>{object} may be moved again.</>;
    case "print":
      return "a mark in the trace; nothing happens.";
    default:
      return "the program asks for it.";
  }
}
