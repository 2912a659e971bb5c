/**
 * `valgrind --trace-malloc=yes`: lines `--PID-- malloc(37) = 0x55BC040` among valgrind's own, which begin with `==` or
 * `--`. A realloc of NULL or to 0 bytes is written with the call that it becomes: `realloc(0x0,9)malloc(9) = 0x...`.
 * The addresses are those of valgrind's own allocator, and are not kept.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls } from "./calls.ts";
import type { Line } from "./line.ts";
import { namedCall } from "./named-call.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const FIRST = /^(==|--)\d+\1 /;
const CALL = /^--(\d+)-- (?:realloc\((?:0x0,\s*\d+|0x[0-9A-F]+,\s*0)\))?(\w+)\(([^()]*)\)(?: = (\S+))?\s*$/i;

export const valgrind: TraceFormat = {
  name: "valgrind",
  summary: "valgrind --trace-malloc=yes",
  extension: ".valgrind.txt",
  fidelity: "exact",
  loses: "addresses (valgrind places blocks itself), times, threads, call sites",
  detect: (head) => {
    const lines = firstLines(head);
    return FIRST.test(lines[0] ?? "") && lines.some((line) => FIRST.test(line) && !/DHAT|Massif/.test(line));
  },
  read(builder, source) {
    const calls = new Calls(builder, source);
    return readLines(calls, source, new Valgrind(calls));
  },
};

class Valgrind implements LineFormat {
  private readonly calls: Calls;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    // What the program printed itself comes in between.
    if (line.next !== 45) return true;
    const [, , name, args, result] = CALL.exec(line.rest()) ?? [];
    if (name === undefined || name === "malloc_usable_size") return true;
    const told = args === "" ? [] : args.split(",").map((arg) => arg.trim());
    return namedCall(this.calls, name, told, result) ?? true;
  }
}
