/** Starts the page at the place that its address names. */
import { render } from "preact";
import { App } from "./app.tsx";
import { keepOffline } from "./state/offline.ts";
import { engine, followAddress, openFirst } from "./state/session.ts";
import { latency, startShowing } from "./state/show.ts";
import "./styles/tokens.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/tables.css";
import "./styles/map.css";
import "./styles/caption.css";
import "./styles/charts.css";
import "./styles/transport.css";
import "./styles/answers.css";
import "./styles/comparison.css";
import type { Input } from "./worker/protocol.ts";

// The worker has its question before the page begins to draw itself.
openFirst();
setTimeout(() => {
  render(<App />, document.querySelector("#page")!);
  startShowing();
});
addEventListener("popstate", followAddress);
keepOffline();

/** For tests, and for whoever wants to compare the page with the command line. */
Object.assign(window, {
  heapscape: {
    recordingHash: (input: Input, policy: string, heap: string) =>
      engine.call((laboratory) => laboratory.recordingHash(input, policy, heap)),
    latency: () => latency.value,
    killEngine: () => engine.kill(),
  },
});
