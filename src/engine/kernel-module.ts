/** What is compiled, as it was built, beside the library. Who runs from the sources has it where the build put it. */
import { existsSync, readFileSync } from "node:fs";

const modules = new Map<string, WebAssembly.Module>();

/** The kernel. `undefined` where it was not built: a replay then does all by itself, and comes to the same. */
export const kernelModule = (): WebAssembly.Module | undefined => moduleOf("kernel/kernel.wasm");

/** For `ReadOptions.compiled`; `undefined` as above. */
export const readingModule = (): WebAssembly.Module | undefined => moduleOf("traces/compiled.wasm");

function moduleOf(name: string): WebAssembly.Module | undefined {
  const known = modules.get(name);
  if (known) return known;
  const places = [`../${name}`, `../../dist/${name}`];
  const file = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (!file) return undefined;
  const module = new WebAssembly.Module(readFileSync(file));
  modules.set(name, module);
  return module;
}
