/**
 * Module hooks for policies in users' files: `heapscape` is this very package wherever the file lies, and the types
 * of a `.ts` file are taken off by sucrase, which keeps the lines. Runs in Node's thread for hooks.
 */
import { readFile } from "node:fs/promises";
import type { InitializeHook, LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { transform } from "sucrase";

/** URLs by specifier. */
let own: Readonly<Record<string, string>> = {};

export const initialize: InitializeHook<typeof own> = (data) => {
  own = data;
};

export const resolve: ResolveHook = (specifier, context, next) =>
  Object.hasOwn(own, specifier)
    ? { url: own[specifier], format: "module", shortCircuit: true }
    : next(specifier, context);

export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  const file = fileURLToPath(url);
  const { code } = transform(await readFile(file, "utf8"), {
    transforms: ["typescript"],
    disableESTransforms: true,
    keepUnusedImports: false,
    filePath: file,
  });
  return { format: "module", source: code, shortCircuit: true };
};
