/** Writes the service worker of a build: what it keeps is every file there is, source maps aside. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const SOURCE = `${import.meta.dirname}/offline/service-worker.js`;

export function offline(): Plugin {
  return {
    name: "heapscape:offline",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.keys(bundle)
          .filter((file) => !file.endsWith(".map") && file !== "index.html")
          .sort();
        const hash = createHash("sha256");
        for (const file of files) {
          const item = bundle[file];
          hash.update(`${file} `).update(item.type === "chunk" ? item.code : item.source);
        }
        const version = hash.digest("hex").slice(0, 12);
        const head = `const VERSION = "${version}";\nconst FILES = ${JSON.stringify(["./", ...files])};\n`;
        this.emitFile({
          type: "asset",
          fileName: "service-worker.js",
          source: head + readFileSync(SOURCE, "utf8"),
        });
      },
    },
  };
}
