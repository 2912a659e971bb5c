/** A compaction as two strips, the heap before and after, joined by ribbons; and the controls that play it. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count, plural } from "../format.ts";
import { done, playMoves, setDone, sliding, stepMove, stopSliding } from "../state/compaction.ts";
import { engine, moments } from "../state/session.ts";
import { moves } from "../state/show.ts";
import { theme } from "../state/theme.ts";
import type { Compaction, Picture } from "../worker/protocol.ts";
import { drawStrips } from "./strips.ts";

const HEIGHT = 92;
/** CSS pixels of one strip. */
const STRIP = 20;

export function CompactionPlayer({ lane }: { lane: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const facts = useSignal<Compaction | undefined>(undefined);
  const width = useSignal(0);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => (width.value = Math.floor(entry.contentRect.width)));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, []);

  useSignalEffect(() => {
    const { event } = moments.value[lane] ?? {};
    if (facts.peek()?.event === event) return;
    engine
      .call((laboratory) => laboratory.compaction(lane))
      .then((found) => (facts.value = found))
      .catch(() => {});
  });

  useSignalEffect(() => {
    const compaction = facts.value;
    const at = done(lane);
    void moves.value;
    if (!compaction || width.value === 0 || !canvas.current) return;
    draw(canvas.current, lane, compaction, width.value, at, theme.value);
  });

  const total = moments.value[lane]?.collection?.moves ?? 0;
  const at = Math.floor(done(lane));
  const playing = sliding.value === lane;
  const under = done(lane) > at ? facts.value?.moves.id[at] : undefined;
  return (
    <div class="compaction">
      <canvas
        ref={canvas}
        class="strips"
        style={{ height: `${HEIGHT}px` }}
        role="img"
        aria-label={`Before and after the compaction: ${plural(total, "object")} moved`}
      />
      <fieldset class="compaction-tools" aria-label="Moves of the compaction">
        <button type="button" class="strong" onClick={() => (playing ? stopSliding() : playMoves(lane))}>
          {playing ? "Stop" : "Play the moves"}
        </button>
        <button
          type="button"
          aria-label="One object back"
          disabled={at === 0}
          onClick={() => stepMove(lane, -1)}
        >
          ◂
        </button>
        <button
          type="button"
          aria-label="One object forward"
          disabled={at >= total}
          onClick={() => stepMove(lane, 1)}
        >
          ▸
        </button>
        <button type="button" disabled={at === 0} onClick={() => rest(lane, 0)}>
          Before
        </button>
        <button type="button" disabled={at >= total} onClick={() => rest(lane, total)}>
          At once
        </button>
        <span class="figure moves-done">
          {count(at)} of {count(total)}
        </span>
        {under !== undefined && <span class="quiet">object {under} moves</span>}
      </fieldset>
    </div>
  );
}

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
  const strip = (moved: number): Promise<Picture> =>
    engine.call((laboratory) =>
      laboratory.strip(
        { lane, ...size, view, theme, colouring: "object", filter: undefined, moves: moved },
        compaction.extent,
      ),
    );
  const painted = await Promise.all([strip(0), strip(at)]).catch(() => undefined);
  if (painted) drawStrips(canvas, compaction, painted[0], painted[1], { height: HEIGHT, ratio, at, theme });
}
