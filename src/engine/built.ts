/** Modules of ours for those who need JavaScript: threads, and Node's hooks. */
import { existsSync } from "node:fs";

const DIST = new URL("../../dist/engine/", import.meta.url);

/** URL of `module`, named as from here; who runs from the sources has it where the build put it. */
export function built(module: string): string {
  const found = [import.meta.url, DIST].map((base) => new URL(module, base)).find((url) => existsSync(url));
  if (!found) throw new Error(`${module} is not built; run: npm run build:library`);
  return found.href;
}
