/**
 * Traces of the malloc lab of Bryant and O'Hallaron's Computer Systems: a header of four numbers (suggested heap size,
 * number of ids, number of operations, weight), then `a ID BYTES`, `r ID BYTES`, `f ID`. Ids are from 0.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "./calls.ts";
import type { Line } from "./line.ts";
import { writeMallocLab } from "./malloc-lab-writer.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const HEADER = 4;
const FIRST = /^\s*(\d+\s+){3}\d+(\s+([arf]\s+\d+\s|$)|$)/;

export const mallocLab: TraceFormat = {
  name: "malloc-lab",
  summary: "the malloc lab's .rep: four numbers, then a ID BYTES, r ID BYTES, f ID",
  extension: ".rep",
  fidelity: "exact",
  loses: "calloc and memalign, times, threads, addresses, call sites: it has none of them",
  detect: (head) =>
    FIRST.test(
      firstLines(head)
        .slice(0, HEADER + 1)
        .join("\n"),
    ),
  read(builder, source) {
    const calls = new Calls(builder, source);
    return readLines(calls, source, new MallocLab(calls));
  },
  write: writeMallocLab,
};

class MallocLab implements LineFormat {
  private readonly calls: Calls;
  private readonly header: number[] = [];
  private operations = 0;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    const { calls, header } = this;
    while (header.length < HEADER && !line.done) {
      const number = line.decimal();
      if (number < 0) return false;
      header.push(number);
      if (line.done) return true;
    }
    const operation = line.next;
    line.at++;
    // An id stands for the address of its block, and 0 is NULL there.
    const block = line.decimal() + 1;
    const bytes = operation === 102 ? 0 : line.decimal();
    if (block < 1 || bytes < 0 || block >= 2 ** 52 || !line.done) return false;
    this.operations++;
    if (operation === 97) calls.malloc(block, bytes);
    else if (operation === 114) calls.realloc(block, block, bytes);
    else if (operation === 102) calls.free(block);
    else return false;
    return true;
  }

  end(): void {
    const [, , operations = 0] = this.header;
    if (this.operations < operations) this.calls.odd(Odd.truncated);
  }
}
