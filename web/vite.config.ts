import { readFileSync } from "node:fs";
import { defineConfig } from "vite";
import { catalogueModule } from "./catalogue-module.ts";
import { earlyWorker } from "./early-worker.ts";
import { handbookPages } from "./handbook.ts";
import { offline } from "./offline.ts";

const read = (file: string): string => readFileSync(`${import.meta.dirname}/${file}`, "utf8");
const [, icon] = /rel="icon"\s+href="([^"]+)"/.exec(read("index.html")) ?? [];

/** Relative base: the built page works under any path, and needs no server of its own. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
    catalogueModule(),
    handbookPages({ styles: read("styles/tokens.css") + read("styles/handbook.css"), icon: icon ?? "" }),
    earlyWorker(),
    offline(),
  ],
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: true,
    // The handbook's replays take longer than the bundle, and are meant to.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
