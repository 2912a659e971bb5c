import { describe, expect, it } from "vitest";
import { progressLine } from "../../src/cli/progress.ts";

describe("the progress line", () => {
  function stream(isTTY: boolean) {
    const written: string[] = [];
    const write = (text: string) => written.push(text) > 0;
    return { written, tty: { isTTY, columns: 20, write } as unknown as NodeJS.WriteStream };
  }

  it("is cut to the terminal, written now and then, and gone at the end", () => {
    const { written, tty } = stream(true);
    const progress = progressLine(tty);
    progress.show("1/2 43% first-fit on long.trace");
    progress.show("1/2 44% first-fit on long.trace");
    progress.clear();
    progress.clear();
    expect(written).toEqual(["\r\x1b[2K1/2 43% first-fit o", "\r\x1b[2K"]);
  });

  it("is not written to what is no terminal", () => {
    const { written, tty } = stream(false);
    const progress = progressLine(tty);
    progress.show("1/2");
    progress.clear();
    expect(written).toEqual([]);
  });
});
