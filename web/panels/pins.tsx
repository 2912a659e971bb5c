/**
 * What keeps a growing heap from shrinking: the topmost live blocks, which hold whatever is free below them. Open by
 * itself where that is much.
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import { bytes, count, percent, plural, shortSite } from "../format.ts";
import { playing } from "../state/cursor.ts";
import { phaseName, phaseOf } from "../state/phases.ts";
import { pointed } from "../state/pointed.ts";
import { engine, lanes, moments } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Pin, Pins as Pinned } from "../worker/protocol.ts";
import { LETTERS } from "./letters.ts";

const FEW = 5;
const MORE = 40;
/** From this share of the heap on, what is held matters. */
const MUCH = 0.25;
/** Milliseconds that the cursor must rest: while it is dragged, nobody reads a table. */
const REST = 80;

export function Pins({ lane }: { lane: number }) {
  const pins = useSignal<Pinned | undefined>(undefined);
  const most = useSignal(FEW);
  const chosen = useSignal<boolean | undefined>(undefined);
  useSignalEffect(() => {
    const moment = moments.value[lane];
    const wanted = most.value;
    if (!moment || playing.value || lanes.value[lane]?.heap !== "grow") return;
    const timer = setTimeout(
      () =>
        engine
          .call((laboratory) => laboratory.pins(lane, wanted))
          .then((found) => (pins.value = found))
          .catch(() => {}),
      REST,
    );
    return () => clearTimeout(timer);
  });

  const facts = lanes.value[lane];
  const found = pins.value;
  if (facts?.heap !== "grow" || !found) return <div class="pins" />;
  const share = found.heapBytes === 0 ? 0 : found.below / found.heapBytes;
  const moves = facts.collector && facts.metrics.moves > 0;
  const open = chosen.value ?? (share > MUCH && !moves);
  return (
    <div class="pins">
      <h2>
        <button
          type="button"
          class="unfold"
          aria-expanded={open}
          aria-label={`What pins the heap of policy ${LETTERS[lane]}`}
          onClick={() => (chosen.value = !open)}
        >
          What pins the heap
        </button>
        <Verdict pins={found} share={share} moves={moves} />
      </h2>
      {open && (
        <>
          <Shares pins={found} />
          <Topmost pins={found} lane={lane} />
          {found.top.length < found.blocks && (
            <button type="button" class="link" onClick={() => (most.value = most.value === FEW ? MORE : FEW)}>
              {most.value === FEW ? `The topmost ${MORE}` : `The topmost ${FEW} only`}
            </button>
          )}
        </>
      )}
    </div>
  );
}

function Verdict({ pins, share, moves }: { pins: Pinned; share: number; moves: boolean }) {
  if (pins.blocks === 0) return <span>nothing: no block is live</span>;
  const held = `${percent(share)} of it is holes below live blocks`;
  return <span>{moves ? `little: a collection slides its blocks down; ${held} now` : held}</span>;
}

/** Whether it is one block or many. */
function Shares({ pins }: { pins: Pinned }) {
  const { shares, heapBytes, blocks, whole, trailing } = pins;
  return (
    <table class="shares">
      <caption>
        At its end {bytes(trailing)} are free. For more to come back, blocks must go, from the top down:
      </caption>
      <thead>
        <tr>
          <th scope="row">to give back</th>
          {shares.map(({ share }) => (
            <th key={share} scope="col" class="value" title={bytes(Math.ceil(share * heapBytes))}>
              {percent(share).replace(".0", "")}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">
            of {whole ? "" : "more than "}
            {plural(blocks, "block")}
          </th>
          {shares.map((each) => (
            <td key={each.share} class="value" data-share={each.share} data-blocks={each.blocks}>
              {count(each.blocks)}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function Topmost({ pins, lane }: { pins: Pinned; lane: number }) {
  return (
    <table class="topmost">
      <caption class="unseen">The topmost live blocks, highest first</caption>
      <thead>
        <tr>
          <th scope="col">From the top</th>
          <th scope="col" class="value">
            Bytes
          </th>
          <th scope="col">Born</th>
          <th scope="col" class="value">
            Back without it and those above
          </th>
        </tr>
      </thead>
      <tbody>
        {pins.top.map((pin) => (
          <Row key={pin.id} pin={pin} pins={pins} lane={lane} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ pin, pins, lane }: { pin: Pin; pins: Pinned; lane: number }) {
  const phase = phaseOf(pin.born);
  const { start, length } = pin;
  return (
    <tr data-id={pin.id} data-back={pin.back}>
      <th scope="row">
        <button
          type="button"
          class="link"
          title="Show it on the map"
          aria-label={`Show object ${pin.id} on the map`}
          onClick={() => (pointed.value = { lane, start, length })}
        >
          <i class="swatch" style={{ background: PALETTES[theme.value].tones[pin.tone] }} />
          {pin.id}
        </button>
      </th>
      <td class="value">{count(pin.bytes)}</td>
      <td>
        <span class="when-wide">event </span>
        {count(pin.born + 1)}
        <span class="quiet when-wide">, {count(pins.event - pin.born - 1)} ago</span>{" "}
        {phase && <span class="quiet then">{phaseName(phase)}</span>}
        {pin.site !== "" && (
          <span class="quiet then site" title={pin.site}>
            by {shortSite(pin.site)}
          </span>
        )}
      </td>
      <td class="value">
        {bytes(pin.back)} <span class="quiet then">{percent(pin.back / pins.heapBytes)}</span>
      </td>
    </tr>
  );
}
