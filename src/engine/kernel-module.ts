/** The kernel as it was built, beside the library. Who runs from the sources has it where the build put it. */
import { existsSync, readFileSync } from "node:fs";

const PLACES = ["../kernel/kernel.wasm", "../../dist/kernel/kernel.wasm"];

let module: WebAssembly.Module | undefined;

/** `undefined` where it was not built: a replay then does all by itself, and comes to the same. */
export function kernelModule(): WebAssembly.Module | undefined {
  const file = PLACES.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (file) module ??= new WebAssembly.Module(readFileSync(file));
  return module;
}
