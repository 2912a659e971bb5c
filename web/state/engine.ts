/** The worker as the page sees it. When it dies, what waits for it fails, and the next call finds a new one. */
import { proxy, type Remote, wrap } from "comlink";
import type { Input, Laboratory, Loaded, OnProgress } from "../worker/protocol.ts";

/** The worker ended by itself: out of memory, or a fault in the page's own code. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

declare global {
  /** Started by the page itself (early-worker.ts), until it is taken. */
  var firstWorker: Worker | undefined;
}

const newWorker = (): Worker =>
  new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" });

interface Running {
  readonly worker: Worker;
  readonly laboratory: Remote<Laboratory>;
  readonly died: Promise<never>;
}

export class Engine {
  #running: Running | undefined;
  /** Told when the worker was lost, and with it all it held. */
  onLoss: (message: string) => void = () => {};

  /** Calls the worker, and throws when it dies meanwhile. */
  async call<T>(ask: (laboratory: Remote<Laboratory>) => Promise<T>): Promise<T> {
    this.#running ??= this.#start();
    return Promise.race([ask(this.#running.laboratory), this.#running.died]);
  }

  load(
    input: Input | undefined,
    policies: readonly string[],
    heap: string,
    progress: OnProgress,
  ): Promise<Loaded> {
    return this.call((laboratory) => laboratory.load(input, policies, heap, proxy(progress)));
  }

  /** Ends the worker, for tests of what follows. */
  kill(): void {
    this.#running?.worker.dispatchEvent(new ErrorEvent("error", { message: "ended" }));
  }

  #start(): Running {
    const worker = globalThis.firstWorker ?? newWorker();
    globalThis.firstWorker = undefined;
    const died = new Promise<never>((_, reject) => {
      worker.onerror = (event) => {
        worker.terminate();
        this.#running = undefined;
        const message = `The engine stopped (${event.message || "no reason given"}) and was started again.`;
        reject(new EngineError(message));
        this.onLoss(message);
      };
    });
    died.catch(() => {});
    return { worker, laboratory: wrap<Laboratory>(worker), died };
  }
}
