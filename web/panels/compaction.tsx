/** A collection pass by pass, as two strips: the heap before and after, joined by ribbons; and the controls that play it. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count, hex, plural } from "../format.ts";
import { choosePolicy } from "../state/catalogue.ts";
import {
  apartOf,
  done,
  factsOf,
  PASSES,
  type Pass,
  passOf,
  playMoves,
  playPasses,
  setDone,
  showPass,
  sliding,
  stepMove,
  stopSliding,
  takeApart,
  total,
} from "../state/compaction.ts";
import { engine, lanes, moments } from "../state/session.ts";
import { moves, waves } from "../state/show.ts";
import { theme } from "../state/theme.ts";
import type { Compaction, Passes, Picture } from "../worker/protocol.ts";
import { LETTERS } from "./letters.ts";
import { MovesTable } from "./moves-table.tsx";
import { drawStrips } from "./strips.ts";

const HEIGHT = 116;
/** CSS pixels of one strip. */
const STRIP = 20;

export function CompactionPlayer({ lane }: { lane: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useSignal(0);
  const tabled = useSignal(false);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => (width.value = Math.floor(entry.contentRect.width)));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, []);

  useSignalEffect(() => {
    if (moments.value[lane]?.collection && !apartOf(lane)) takeApart(lane);
  });

  useSignalEffect(() => {
    const compaction = apartOf(lane);
    const at = done(lane);
    void [moves.value, waves.value, passOf(lane)];
    if (!compaction || width.value === 0 || !canvas.current) return;
    draw(canvas.current, lane, compaction, width.value, at, theme.value);
  });

  const { each = [] } = moments.value[lane]?.collection ?? {};
  const compaction = apartOf(lane);
  const all = total(lane);
  const at = Math.floor(done(lane));
  const playing = sliding.value === lane;
  return (
    <div class="compaction">
      {each.length > 1 && <Collections lane={lane} each={each} />}
      <PassTabs lane={lane} />
      <canvas
        ref={canvas}
        class="strips"
        style={{ height: `${HEIGHT}px` }}
        role="img"
        aria-label={`Before and after the compaction: ${plural(compaction?.moves.count ?? 0, "object")} moved`}
      />
      <fieldset class="compaction-tools" aria-label="Steps of the collection">
        <button type="button" class="strong" onClick={() => (playing ? stopSliding() : playMoves(lane))}>
          {playing ? "Stop" : PLAY[passOf(lane)]}
        </button>
        <button
          type="button"
          aria-label={`One ${STEP[passOf(lane)]} back`}
          disabled={at === 0}
          onClick={() => stepMove(lane, -1)}
        >
          ◂
        </button>
        <button
          type="button"
          aria-label={`One ${STEP[passOf(lane)]} forward`}
          disabled={at >= all}
          onClick={() => stepMove(lane, 1)}
        >
          ▸
        </button>
        <button type="button" disabled={at === 0} onClick={() => rest(lane, 0)}>
          Before
        </button>
        <button type="button" disabled={at >= all} onClick={() => rest(lane, all)}>
          At once
        </button>
        <span class="figure moves-done">
          {count(at)} of {count(all)}
        </span>
        <button
          type="button"
          aria-pressed={tabled.value}
          aria-label="Table of the moves"
          onClick={() => (tabled.value = !tabled.value)}
        >
          Table
        </button>
        <button type="button" class="link" onClick={() => playPasses(lane)}>
          Play all passes
        </button>
      </fieldset>
      {tabled.value && compaction && <MovesTable moves={compaction.moves} />}
      <p class="pass-note">{noteOf(lane, at, compaction)}</p>
    </div>
  );
}

const NAMES: Readonly<Record<Pass, string>> = {
  mark: "Mark",
  addresses: "Addresses",
  references: "References",
  moves: "Moves",
};
const PLAY: Readonly<Record<Pass, string>> = {
  mark: "Play the marking",
  addresses: "Play the addresses",
  references: "Play the references",
  moves: "Play the moves",
};
const STEP: Readonly<Record<Pass, string>> = {
  mark: "wave",
  addresses: "address",
  references: "reference",
  moves: "object",
};

/** Of an event with several collections: which one is taken apart. */
function Collections({ lane, each }: { lane: number; each: readonly number[] }) {
  const which = apartOf(lane)?.which ?? 0;
  return (
    <label class="which">
      Collection{" "}
      <select
        value={which}
        aria-label={`Which collection of the event, policy ${LETTERS[lane]}`}
        onChange={(change) => takeApart(lane, Number(change.currentTarget.value))}
      >
        {each.map((moved, i) => (
          <option key={i} value={i}>
            {i + 1} of {each.length}: {moved === 0 ? "moves nothing" : `moves ${plural(moved, "object")}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function PassTabs({ lane }: { lane: number }) {
  const still = apartOf(lane)?.moves.count === 0;
  const { passes } = choosePolicy(lanes.value[lane].policy).policy;
  return (
    <fieldset class="passes" aria-label="Passes of the collection">
      {PASSES.map((pass, i) => (
        <button
          key={pass}
          type="button"
          aria-pressed={passOf(lane) === pass}
          disabled={still && pass !== "mark"}
          onClick={() => showPass(lane, pass)}
        >
          <span class="quiet">{i + 1}</span> {NAMES[pass]}
        </button>
      ))}
      {passes && (
        <p class="passes-done">
          <span class="quiet">Passes after marking</span> {passes}
        </p>
      )}
    </fieldset>
  );
}

/** What the step that was just done did. */
function noteOf(lane: number, at: number, compaction: Compaction | undefined): string {
  const known = factsOf(lane);
  const moving = compaction?.moves;
  switch (passOf(lane)) {
    case "mark": {
      const wave = known?.waves[at - 1];
      const found = known?.waves.slice(0, at).reduce((sum, each) => sum + each, 0) ?? 0;
      if (wave === undefined) return "Before marking, everything may be dead.";
      return `${at === 1 ? "The roots hold" : `Wave ${at} finds`} ${plural(wave, "object")}; ${count(found)} of ${count(known?.objects ?? 0)} are reached. What is not looks dead on the map.`;
    }
    case "addresses":
      if (at === 0 || !moving) return "Each object that will move is given its new address, in order.";
      return `Object ${moving.id[at - 1]} goes from ${hex(moving.from[at - 1])} to ${hex(moving.to[at - 1])}.`;
    case "references": {
      const roots = known?.roots ?? 0;
      const drawn = known?.arrows.length ?? 0;
      const some = drawn < all(known) ? `; ${count(drawn)} of them are drawn` : "";
      return `${plural(all(known), "reference")} and ${plural(roots, "root")} lead to what moves, and are rewritten${some}.`;
    }
    default:
      if (!moving || at >= moving.count) return "";
      return done(lane) > at ? `Object ${moving.id[at]} moves.` : "";
  }
}

const all = (known: Passes | undefined): number => known?.references ?? 0;

function rest(lane: number, to: number): void {
  stopSliding();
  setDone(lane, to);
}

async function draw(
  canvas: HTMLCanvasElement,
  lane: number,
  compaction: Compaction,
  width: number,
  at: number,
  theme: "light" | "dark",
): Promise<void> {
  const ratio = Math.min(3, devicePixelRatio);
  const size = { width: Math.round(width * ratio), height: Math.round(STRIP * ratio) };
  const view = { rowBytes: compaction.extent.length, rowHeight: size.height, top: 0 };
  const pass = passOf(lane);
  const strip = (moved: number, waves: number | undefined): Promise<Picture> =>
    engine.call((laboratory) =>
      laboratory.strip(
        {
          lane,
          ...size,
          view,
          theme,
          colouring: "object",
          filter: undefined,
          moves: moved,
          waves,
          against: undefined,
        },
        compaction.extent,
      ),
    );
  const painted = await Promise.all([
    strip(0, pass === "mark" ? Math.ceil(at) : undefined),
    pass === "moves" ? strip(at, undefined) : undefined,
  ]).catch(() => undefined);
  if (!painted) return;
  const arrows = factsOf(lane)?.arrows ?? [];
  drawStrips(
    canvas,
    compaction,
    { before: painted[0], after: painted[1] },
    { height: HEIGHT, ratio, at, theme, pass, arrows },
  );
  canvas.dataset.pass = pass;
  canvas.dataset.done = String(Math.floor(at));
}
