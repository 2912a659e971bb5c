/** One line on stderr that says how far a run is. Only a terminal gets it; it is gone at the end. */

/** Milliseconds between two writings. */
const PAUSE = 80;

export interface Progress {
  show(text: string): void;
  /** Before anything else is written. */
  clear(): void;
}

export function progressLine(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show() {}, clear() {} };
  let last = 0;
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write("\r\x1b[2K");
    shown = false;
  };
  process.once("exit", clear);
  return {
    show(text) {
      const now = performance.now();
      if (now - last < PAUSE) return;
      last = now;
      shown = true;
      stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear,
  };
}
