import { spawn } from "node:child_process";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder, MAIN, MINE, SMALL } from "./heapscape.ts";

describe("heapscape offsets", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    const many = Array.from({ length: 70_000 }, (_, i) => `a ${i} 16\nf ${i}\n`).join("");
    folder = new Folder({ "small.trace": SMALL, "mine.ts": MINE, "many.trace.gz": gzipSync(many) });
  });
  afterAll(() => folder.remove());

  it("prints the payload's place of every allocation and realloc, in order", async () => {
    const { status, stdout, stderr } = await folder.heapscape("offsets", "small.trace", "-a", "./mine.ts");
    expect(stderr).toBe("");
    expect(stdout).toBe("1 0\n2 16\n3 40\n2 48\n");
    expect(status).toBe(0);
  });

  it("prints -1 for what is refused, also a realloc that leaves the old block live", async () => {
    const { stdout } = await folder.heapscape("offsets", "small.trace", "-a", "./mine.ts", "--heap", "48");
    expect(stdout).toBe("1 0\n2 16\n3 40\n2 -1\n");
    const { stdout: less } = await folder.heapscape(
      "offsets",
      "small.trace",
      "-a",
      "./mine.ts",
      "--heap",
      "24",
    );
    expect(less).toBe("1 0\n2 -1\n3 16\n2 -1\n");
  });

  it("names the segment where it is not the heap", async () => {
    const { stdout } = await folder.heapscape("offsets", "small.trace", "-a", "./mine.ts:far=1");
    expect(stdout).toBe("1 0\n2 1:8\n3 16\n2 24\n");
  });

  it("prints what was placed before a policy failed, and ends with 3", async () => {
    const { status, stdout, stderr } = await folder.heapscape(
      "offsets",
      "small.trace",
      "-a",
      "./mine.ts:crash=3",
    );
    expect(stdout).toBe("1 0\n2 16\n");
    expect(stderr).toMatch(/^heapscape: small\.trace: mine:crash=3: event 3: RangeError: out of ideas/);
    expect(status).toBe(3);
  });

  it("writes everything, over many chunks of output", async () => {
    const { stdout } = await folder.heapscape("offsets", "many.trace.gz", "-a", "first-fit:header=0");
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(70_001);
    expect(lines[69_999]).toBe("69999 0");
  });

  it("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [MAIN, "offsets", "many.trace.gz", "-a", "first-fit"], {
      cwd: folder.path,
    });
    let stderr = "";
    child.stderr.on("data", (data) => (stderr += data));
    child.stdout.once("data", () => child.stdout.destroy());
    const [status] = await once(child, "close");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
