import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder } from "./heapscape.ts";

const BROKER = readFileSync(`${import.meta.dirname}/../fixtures/recorders/broker.memory_replay.txt`, "utf8");
const ODD = "7: malloc 0x1000 24\n7: free 0x2000\n7: free 0x1000\n";

describe("heapscape with what recorders write", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({ "broker.txt": BROKER, "odd.txt": ODD });
  });
  afterAll(() => folder.remove());

  it("compares recorded addresses with a policy's, says how many agree and where they part", async () => {
    const cell = async (...args: string[]) => {
      const { stdout } = await folder.heapscape(
        "run",
        "broker.txt",
        "--verify",
        "--reporter",
        "json",
        ...args,
      );
      return JSON.parse(stdout).cells[0];
    };
    expect((await cell("-a", "glibc")).addresses).toEqual({ compared: 115, matched: 115 });
    const { compared, matched, first } = (await cell("-a", "first-fit")).addresses;
    expect(compared).toBe(115);
    expect(matched).toBeLessThan(115);
    // malloc(128) takes 144 bytes with glibc, whose blocks are multiples of 16, and 136 here.
    expect(first).toEqual({ event: 6, id: 7, bytes: 24, recorded: 472, placed: 464 });
    const { stdout } = await folder.heapscape(
      "run",
      "broker.txt",
      "--verify",
      "-a",
      "first-fit",
      "-a",
      "glibc",
    );
    expect(stdout).toContain(
      "glibc in a heap that grows has 115 of 115 requests (100.0%) where they were recorded.",
    );
    expect(stdout).toContain(
      "the first that differs is event 6, of 24 bytes: recorded at 472 from the heap's start, here at 464.",
    );
    expect(await cell("-a", "glibc")).not.toHaveProperty("fidelity");
  });

  it("says how far a trace is what the program did, whichever command reads it", async () => {
    const said = "2 events, 1 objects, fidelity partial, with anomalies:\n  1 x free of an unknown block\n";
    const { stderr, stdout } = await folder.heapscape("run", "odd.txt", "-a", "bump", "--reporter", "json");
    expect(stderr).toBe(`odd.txt: ${said}`);
    expect(JSON.parse(stdout).cells[0].fidelity).toBe("partial");
    expect((await folder.heapscape("convert", "odd.txt", "-o", "odd.rep")).stderr).toBe(`odd.txt: ${said}`);
    expect(folder.read("odd.rep")).toBe("24\n1\n2\n1\na 0 24\nf 0\n");
    expect((await folder.heapscape("validate", "odd.txt")).stdout).toMatch(
      /\n {2}1 x free of an unknown block\n$/,
    );
  });

  it("makes of it an error with --strict", async () => {
    const message = 'heapscape: odd.txt:2: free of an unknown block: "7: free 0x2000"\n';
    for (const command of [["run", "-a", "bump"], ["convert"], ["validate"], ["offsets", "-a", "bump"]]) {
      const { status, stderr } = await folder.heapscape(...command, "odd.txt", "--strict");
      expect([status, stderr]).toEqual([2, message]);
    }
  });

  it("stops unpacking at --max-bytes", async () => {
    folder.write("packed.gz", gzipSync(BROKER));
    const { status, stderr } = await folder.heapscape("validate", "packed.gz", "--max-bytes", "4KiB");
    expect(status).toBe(2);
    expect(stderr).toBe(
      "heapscape: packed.gz: more than 4096 bytes come out of its gzip; if that is right, raise the limit (--max-bytes)\n",
    );
    expect((await folder.heapscape("validate", "packed.gz", "--max-bytes", "1MiB")).status).toBe(0);
    expect((await folder.heapscape("validate", "packed.gz", "--max-bytes", "lots")).stderr).toContain(
      'the most bytes are "lots"; they must be a size',
    );
  });
});
