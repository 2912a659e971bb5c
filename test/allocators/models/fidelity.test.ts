/**
 * A model is right when it returns the address that the real allocator returned, for every request of every trace.
 * Tables are found by folder: a model is held to its own as soon as the registry has it.
 * HEAPSCAPE_REFERENCE names the directory with `allocators/offsets` of all lengths, where there is one.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bodyOf, type Folder, foldersOf, replayTable } from "./reference-tables.ts";

const FIXTURES = `${import.meta.dirname}/../../fixtures/allocators`;
const REFERENCE = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/allocators`;

/** Of a long table only where it differs first, and how often, is worth reading. */
function difference(real: readonly string[], model: readonly string[]): string {
  const first = real.findIndex((line, i) => line !== model[i]);
  if (first < 0) return model.length === real.length ? "" : `${model.length} lines of ${real.length}`;
  const count = real.filter((line, i) => line !== model[i]).length;
  return `request ${first + 1} is the first of ${count} that differ: real "${real[first]}", model "${model[first]}"`;
}

function holdTo(folders: readonly Folder[], timeout: number): void {
  for (const { name, policy, registered, tables } of folders)
    describe.skipIf(!registered)(`${name}${registered ? "" : `: ${policy} is not in the registry`}`, () => {
      for (const table of tables)
        it(`${policy} places ${table.trace} in ${table.heap} as the real one does`, { timeout }, async () => {
          const { real, lines } = await replayTable(policy, table);
          expect(difference(real, lines)).toBe("");
        });
    });
}

describe("the recorded tables", () => {
  it("are what was recorded", () => {
    const sums = readFileSync(`${FIXTURES}/offsets/SHA256SUMS`, "latin1").trimEnd().split("\n");
    const found = foldersOf(FIXTURES).flatMap(({ name, tables }) =>
      tables.map(({ trace, heap, path }) => {
        const body = bodyOf(path).map((line) => `${line}\n`);
        return `${createHash("sha256").update(body.join("")).digest("hex")}  ${name}/${trace}.${heap}.txt`;
      }),
    );
    expect(found.toSorted()).toEqual(sums.toSorted());
  });

  holdTo(foldersOf(FIXTURES), 20_000);
});

describe.skipIf(!existsSync(REFERENCE))("all tables of HEAPSCAPE_REFERENCE", () => {
  if (existsSync(REFERENCE)) holdTo(foldersOf(REFERENCE), 60_000);
});
