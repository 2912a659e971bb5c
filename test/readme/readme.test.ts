/** The README's allocator is real: it is read out of the README, and passes the contract that every policy passes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "sucrase";
import ts from "typescript";
import { expect, it } from "vitest";
import type { Policy } from "../../src/allocators/contract.ts";
import { policyContract } from "../../src/testing/policy-contract.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const [, source] = /```ts\n([\s\S]+?)```/.exec(readme) ?? [];

it("the README's allocator is short", () => {
  expect(source.trim().split("\n").length).toBeLessThanOrEqual(40);
});

it("the README's allocator compiles under the strictest types", () => {
  const folder = mkdtempSync(join(root, "test/readme/.made-"));
  try {
    const file = join(folder, "last-fit.ts");
    writeFileSync(file, source);
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
    const program = ts.createProgram([file], {
      ...options,
      paths: { heapscape: [join(root, "src/index.ts")] },
    });
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the README's allocator passes the contract", async () => {
  const folder = mkdtempSync(join(root, "test/readme/.made-"));
  try {
    const library = pathToFileURL(join(root, "src/index.ts")).href;
    const { code } = transform(source.replace('"heapscape"', JSON.stringify(library)), {
      transforms: ["typescript"],
    });
    const file = join(folder, "last-fit.mjs");
    writeFileSync(file, code);
    const { default: policy } = (await import(file)) as { default: Policy };
    for (const { run } of policyContract(policy)) run();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
