/** Draws as soon as a signal that `draw` reads changes: the effects of components wait for the next frame. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export function useDrawing(draw: () => void): void {
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => effect(() => latest.current()), []);
}
