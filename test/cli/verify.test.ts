import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder, MINE, SMALL } from "./heapscape.ts";

/** Its lists break at an event, which nobody sees who does not look. */
const ROTTEN = MINE.replace(
  "free(): void {},",
  `free(): void {},
      validate(): void { if (last >= options.crash) throw new Error("list 3 does not end"); },`,
)
  .replace("request.event === options.crash", "(last = request.event) < 0")
  .replace("max: 1000", "max: 2000")
  .replace("float64(1024)", "float64(2000)")
  .replace("const top =", "let last = -1;\n    const top =");

describe("heapscape run --verify", { timeout: 30_000 }, () => {
  let folder: Folder;
  const long = Array.from({ length: 1600 }, (_, i) => `a ${i} 8\n`).join("");
  beforeAll(() => {
    folder = new Folder({ "small.trace": SMALL, "rotten.ts": ROTTEN });
  });
  afterAll(() => folder.remove());

  const run = (input: string, ...more: string[]) => folder.heapscape("run", input, ...more);

  it("changes nothing where all is well", async () => {
    const plain = await run("small.trace", "-a", "best-fit", "-a", "mark-compact", "--reporter", "json");
    const walked = await run(
      ...["small.trace", "-a", "best-fit", "-a", "mark-compact", "--reporter", "json", "--verify"],
    );
    expect(walked).toEqual(plain);
    expect(walked.status).toBe(0);
  });

  it("ends with 3 and names the event where a policy's own structures are broken", async () => {
    const { status, stderr } = await run("small.trace", "-a", "./rotten.ts:crash=3", "--verify");
    expect(stderr).toMatch(
      /^heapscape: small\.trace: mine:crash=3: event 3 \(malloc of object 3, 8 bytes\): list 3 does not end/,
    );
    expect(status).toBe(3);
    expect((await run("small.trace", "-a", "./rotten.ts:crash=3")).status).toBe(0);
  });

  it("looks after the last event, wherever it falls", async () => {
    // 1500 events are walked after every second one, so the last is in between; 1501 end with one that is.
    for (const events of [1500, 1501]) {
      folder.write("last.trace", long.slice(0, long.indexOf(`a ${events} `)));
      const { status, stderr } = await run("last.trace", "-a", `./rotten.ts:crash=${events - 1}`, "--verify");
      expect(stderr).toMatch(new RegExp(`: event ${events - 1}\\b.*: list 3 does not end`));
      expect(status).toBe(3);
    }
  });

  it("looks in every round", async () => {
    const { status, stderr } = await run(
      ...["small.trace", "-a", "./rotten.ts:crash=15", "--verify", "--repeat", "3"],
    );
    expect([status, stderr]).toEqual([3, expect.stringMatching(/: event 15\b.*: list 3 does not end/)]);
  });

  it("says in its help what it compares", async () => {
    const { stdout } = await folder.heapscape("run", "--help");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "and compare the addresses that a trace has recorded with the policy's",
    );
  });
});
