/**
 * What heaptrack writes by default (KDE, heaptrack, src/analyze/accumulatedtracedata.cpp), numbers in hex:
 *
 *     s [LENGTH] TEXT                          a string, counted from 1; from format 3 on with its length
 *     i ADDRESS MODULE [FUNCTION [FILE LINE]]* an instruction, counted from 1; strings by their numbers, 0 for none
 *     t INSTRUCTION CALLER                     a call stack, counted from 1; CALLER is an earlier one or 0
 *     a SIZE STACK                             a class of allocations, counted from 0
 *     + CLASS                                  an allocation
 *     - CLASS                                  a free
 *
 * and v, X, I, A, c, R, S, # as in a raw file. There are no pointers: a free names the class of its block, of which more
 * than one may live. The newest is taken then. realloc is a free and an allocation, as in raw.ts. Formats before 1 have pointers instead of classes.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "../recorders/calls.ts";
import type { Line } from "../recorders/line.ts";
import { readLines } from "../recorders/read-lines.ts";
import { MOST_BYTES, TraceError } from "../trace.ts";
import { heaptrackKind } from "./detect.ts";
import { HeaptrackLines } from "./lines.ts";
import { baseName } from "./modules.ts";

export const heaptrackInterpreted: TraceFormat = {
  name: "heaptrack",
  summary: "heaptrack's own files: with functions and lines, without addresses",
  extension: ".heaptrack",
  fidelity: "ambiguous",
  loses: "which of several blocks of one size and stack a free means; as heaptrack-raw; addresses",
  detect: (head) => heaptrackKind(head) === "interpreted",
  read(builder, source) {
    builder.records("time", "site");
    const calls = new Calls(builder, source);
    return readLines(calls, source, new HeaptrackInterpreted(calls));
  },
};

/** A class of allocations. */
interface Sort {
  readonly bytes: number;
  readonly site: number;
  /** Ids of its live blocks, the newest last. */
  readonly live: number[];
}

class HeaptrackInterpreted extends HeaptrackLines {
  private readonly strings = [""];
  /** What is shown of each instruction, from 1. */
  private readonly instructions = ["?"];
  private readonly sorts: Sort[] = [];
  private sized = false;
  private frees = 0;
  private ambiguous = 0;

  protected instructionOf(line: Line): string | undefined {
    return this.instructions[line.hex()];
  }

  protected other(kind: number, line: Line): boolean {
    switch (kind) {
      case 43:
        return this.born(this.sorts[line.hex()]) && line.done;
      case 45:
        return this.freed(this.sorts[line.hex()]) && line.done;
      case 97:
        return this.sort(line);
      case 105:
        return this.instruction(line);
      case 115:
        if (this.sized && line.hex() < 0) return false;
        line.at++;
        this.strings.push(line.rest());
        return true;
      case 118: {
        const version = line.hex();
        const format = line.done ? (version === 0x10200 ? 1 : 0) : line.hex();
        if (format < 1) throw new TraceError("a file of heaptrack before 1.0 has no classes; record it anew");
        this.sized = format >= 3;
        return true;
      }
      default:
        return kind === 65; // A
    }
  }

  end(): void {
    const { frees, ambiguous } = this;
    if (ambiguous === 0) return;
    const share = ((100 * ambiguous) / frees).toFixed(1);
    this.calls.builder.anomaly(
      `free that may mean one of several blocks, taken to be the newest (${share}% of the frees)`,
      ambiguous,
    );
  }

  private born(sort: Sort | undefined): boolean {
    if (sort === undefined) return false;
    const { calls } = this;
    if (sort.bytes === 0) calls.odd(Odd.noBytes);
    if (sort.bytes > MOST_BYTES) {
      calls.odd(Odd.tooMany);
      return true;
    }
    calls.builder.details.site = sort.site;
    sort.live.push(calls.builder.allocate(sort.bytes));
    return true;
  }

  private freed(sort: Sort | undefined): boolean {
    if (sort === undefined) return false;
    this.frees++;
    if (sort.live.length > 1) this.ambiguous++;
    const id = sort.live.pop();
    if (id === undefined) this.calls.odd(Odd.unknownFree);
    else {
      this.calls.builder.details.site = 0;
      this.calls.builder.free(id);
    }
    return true;
  }

  private sort(line: Line): boolean {
    const bytes = line.hex();
    const site = line.hex();
    if (bytes < 0 || site < 0 || site > this.calls.builder.sites.count || !line.done) return false;
    this.sorts.push({ bytes, site, live: [] });
    return true;
  }

  /** `main (app.c:12)`, with functions that were inlined before it; or the module and the address. */
  private instruction(line: Line): boolean {
    const address = line.address();
    const module = this.strings[line.hex()];
    if (address < 0 || module === undefined) return false;
    const frames: string[] = [];
    while (!line.done) {
      const name = this.strings[line.hex()];
      const file = line.done ? "" : this.strings[line.hex()];
      const at = line.done ? 0 : line.hex();
      if (name === undefined || file === undefined || at < 0) return false;
      const place = file === "" ? "" : ` (${baseName(file)}:${at})`;
      if (name !== "") frames.push(name + place);
    }
    const where = `${module === "" ? "" : `${baseName(module)} at `}0x${address.toString(16)}`;
    this.instructions.push(frames.length > 0 ? frames.join(" < ") : where);
    return true;
  }
}
