/** Reading of trace files. Most who look at the page open none: it comes with the first one. */
import compiled from "../../dist/traces/compiled.wasm?url";
import { type ReadOptions, readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";

let module: Promise<WebAssembly.Module | undefined> | undefined;

export async function read(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  options: ReadOptions,
): Promise<Trace> {
  module ??= compile().catch(() => undefined);
  return readTrace(bytes, name, { compiled: await module, ...options });
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(compiled);
  return WebAssembly.compile(await response.arrayBuffer());
}
