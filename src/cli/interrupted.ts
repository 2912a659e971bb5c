/** Ctrl-C, and whoever ends processes politely, end a command in good order; once more, at once. */
import { exits } from "./exits.ts";
import { leave } from "./leave.ts";

/** In place of main.ts's way, which is to end at once. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.removeAllListeners("SIGINT");
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) leave(exits.interrupted);
      controller.abort(new Error("interrupted"));
    });
  return controller.signal;
}
