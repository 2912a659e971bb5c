/** Lets a built page start its worker before its own JavaScript has come: the one is read while the other is. */
import type { Plugin } from "vite";

export function earlyWorker(): Plugin {
  return {
    name: "heapscape:early-worker",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => /\/worker-[^/]+\.js$/.test(name));
        if (!file) throw new Error("the build has no worker");
        const children =
          `firstWorker = new Worker("./${file}", { type: "module" });` +
          "firstWorker.onerror = () => { firstWorker = undefined; };";
        return [{ tag: "script", children, injectTo: "head-prepend" as const }];
      },
    },
  };
}
