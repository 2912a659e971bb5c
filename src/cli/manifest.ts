/** The package's own name and version. */
import { readFileSync } from "node:fs";

export const manifest: { readonly version: string; readonly description: string } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../package.json`, "utf8"),
);
