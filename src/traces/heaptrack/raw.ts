/**
 * What `heaptrack --raw` writes (KDE, heaptrack, src/track/libheaptrack.cpp), numbers in hex:
 *
 *     v VERSION FORMAT     x [LENGTH] EXECUTABLE     X COMMAND     I PAGESIZE PAGES     A attached to a running program
 *     m [LENGTH] - | [LENGTH] FILE BASE (START SIZE)*    modules, from format 3 on with the length of the name
 *     t INSTRUCTION CALLER        a call stack, counted from 1; CALLER is an earlier one or 0
 *     + SIZE STACK POINTER        malloc, calloc, memalign, and the second half of realloc
 *     - POINTER                   free, and the first half of realloc
 *     c MILLISECONDS   R RESIDENT PAGES   S SUPPRESSION   # comment
 *
 * A realloc is written as a free and an allocation, and nothing in the file tells it from those: a free and a malloc of the
 * same size often have the same address, in a recorded broker 1,291 times where no realloc stayed in place. So they stay
 * two events. heaptrack's own C++ library asks for 72,704 bytes at the start, which stay as well.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "../recorders/calls.ts";
import type { Line } from "../recorders/line.ts";
import { readLines } from "../recorders/read-lines.ts";
import { heaptrackKind } from "./detect.ts";
import { HeaptrackLines } from "./lines.ts";
import { baseName, Modules } from "./modules.ts";

export const heaptrackRaw: TraceFormat = {
  name: "heaptrack-raw",
  summary: "heaptrack --raw: with addresses and call stacks",
  extension: ".heaptrack.raw",
  fidelity: "exact",
  loses:
    "realloc is written as free and malloc, calloc and memalign as malloc; threads; times but for steps of 10 ms",
  detect: (head) => heaptrackKind(head) === "raw",
  read(builder, source) {
    builder.records("time", "address", "site");
    const calls = new Calls(builder, source);
    return readLines(calls, source, new HeaptrackRaw(calls));
  },
};

class HeaptrackRaw extends HeaptrackLines {
  private readonly modules = new Modules();
  private executable = "the program";
  private sized = false;

  protected instructionOf(line: Line): string | undefined {
    const instruction = line.address();
    return instruction < 0 ? undefined : this.modules.place(instruction);
  }

  protected other(kind: number, line: Line): boolean {
    const { calls } = this;
    switch (kind) {
      case 43: {
        const bytes = line.hex();
        const stack = line.hex();
        const address = line.address();
        if (bytes < 0 || stack < 0 || address < 0 || !line.done) return false;
        calls.builder.details.site = this.known(stack);
        calls.malloc(address, bytes);
        return true;
      }
      case 45: {
        const address = line.address();
        if (address < 0 || !line.done) return false;
        calls.free(address);
        return true;
      }
      case 109:
        return this.module(line);
      case 118:
        this.sized = line.hex() >= 0 && line.hex() >= 3;
        return true;
      case 120:
        this.executable = baseName(this.name(line));
        return true;
      case 65:
        calls.atBest("partial");
        return true;
      default:
        return false;
    }
  }

  /** A stack that was not told is none. */
  private known(stack: number): number {
    if (stack <= this.calls.builder.sites.count) return stack;
    this.calls.odd(Odd.unreadable);
    return 0;
  }

  private module(line: Line): boolean {
    const name = this.name(line);
    if (name === "-") {
      this.modules.clear();
      return true;
    }
    const base = line.address();
    if (base < 0) return false;
    while (!line.done) {
      const start = line.address();
      const length = line.address();
      if (start < 0 || length < 0) return false;
      this.modules.add(name === "x" ? this.executable : name, base, start, length);
    }
    return true;
  }

  /** A text behind its length, or up to the next blank in old files. */
  private name(line: Line): string {
    if (!this.sized) return line.word();
    const length = line.hex();
    line.at++;
    const from = line.at;
    line.at = Math.min(line.end, from + Math.max(0, length));
    return new TextDecoder().decode(line.bytes.subarray(from, line.at));
  }
}
