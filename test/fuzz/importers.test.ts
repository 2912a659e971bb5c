/** The short version of `npm run fuzz:importers`. */
import { expect, it } from "vitest";
import { encode } from "../traces/traces.ts";
import { fuzz, type Target, targets } from "./importers.ts";

const INPUTS = 400;

it.each(await targets())("$name gives a result or a clear error, whatever it is fed", async (target) => {
  const { read, refused } = await fuzz(target, 7, 0, INPUTS);
  expect(read + refused).toBe(INPUTS);
  expect(refused).toBeGreaterThan(0);
});

const attempt = async (target: Target, input: string) => {
  try {
    await target.import(encode(input), false);
  } catch {}
};

/** What pattern matching could be slow on. */
const LONG = [" ", ")", "= ", "0", "a,", "(", "x->", "<", ") = 0x1 ", "1 ", "@ + "].map((text) =>
  text.repeat(100_000 / text.length),
);

it.each(await targets())("$name takes no time for a line of 100,000 characters", async (target) => {
  for (const sample of target.samples) {
    const [line] = new TextDecoder("latin1").decode(sample).split("\n");
    for (const long of LONG)
      for (const input of [
        `${line}${long}`,
        `${line.slice(0, -3)}${long}${line.slice(-3)}\n`,
        `${line}\n${long}\n`,
      ]) {
        const start = performance.now();
        await attempt(target, input);
        expect(performance.now() - start).toBeLessThan(1000);
      }
  }
});
