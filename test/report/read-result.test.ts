import { expect, test } from "vitest";
import type { Cell, Repeated, Result } from "../../src/engine/result.ts";
import { judge } from "../../src/gate/judge.ts";
import { Rules } from "../../src/gate/rules.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { json } from "../../src/report/json.ts";
import { cellsOfResult, failuresOfResult, parseResult } from "../../src/report/read-result.ts";
import { cell, PLAIN } from "./reports.ts";

const read = (result: Partial<Result>) =>
  parseResult(json.write({ cells: [], failures: [], ...result }, PLAIN), "r.json");
const { options } = choosePolicy("tlsf");
const once = cell("tlsf", 4096, {}, { options });
const repeated = (repeat: Repeated): Cell => cell("tlsf", 4096, {}, { options, repeat });

test("a result that is read has a cell for each number of rounds", () => {
  const rounds: Repeated[] = [
    { rounds: 1 },
    { rounds: 3 },
    { rounds: 3, untilRefused: true, refusedInRound: 3 },
  ];
  const cells = cellsOfResult(read({ cells: [once, ...rounds.map(repeated)] }), "r.json");
  const plain = "small.trace -a tlsf --heap 4KiB";
  expect([...cells.keys()]).toEqual([
    plain,
    `${plain} --repeat 1`,
    `${plain} --repeat 3`,
    `${plain} --repeat until-refused`,
  ]);
  // Once is once, whether it was said or not.
  expect(new Set([...cells.values()].map(({ parameters }) => parameters)).size).toBe(3);
});

test("what failed in a result that is read has failed, and not vanished", () => {
  const was = cellsOfResult(read({ cells: [once] }), "a.json");
  const failures = [{ input: "small.trace", policy: "tlsf", heap: 4096, message: "tlsf: event 3: lost" }];
  const { findings } = judge({
    ...{ cells: new Map(), failed: failuresOfResult(read({ failures })), expected: was, whole: true },
    ...{ rules: new Rules(), against: "a.json", since: "since a.json" },
  });
  expect(findings).toMatchObject([{ kind: "failed", cell: "small.trace -a tlsf --heap 4KiB" }]);
});
