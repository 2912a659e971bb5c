/** The modules of a process as heaptrack's `m` lines list them, and the place of an instruction in one of them. */
import { TraceError } from "../trace.ts";

interface Range {
  readonly start: number;
  readonly end: number;
  readonly base: number;
  readonly name: string;
}

/** Most ranges of one process: a map has at most 65530 entries (Linux, vm.max_map_count). */
const MOST_RANGES = 65536;

export class Modules {
  private readonly ranges: Range[] = [];
  private sorted = true;

  clear(): void {
    this.ranges.length = 0;
    this.sorted = true;
  }

  /** A segment [start, start + length) of the module that is loaded at `base`. */
  add(name: string, base: number, start: number, length: number): void {
    if (this.ranges.length === MOST_RANGES)
      throw new TraceError(`there are more than ${MOST_RANGES} segments of modules`);
    this.ranges.push({ start: base + start, end: base + start + length, base, name });
    this.sorted = false;
  }

  /** `libcrypto.so.3+0x2333e9`, or the bare address where no module is. */
  place(address: number): string {
    if (!this.sorted) this.ranges.sort((a, b) => a.start - b.start);
    this.sorted = true;
    let low = 0;
    for (let high = this.ranges.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.ranges[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    const range = this.ranges[low - 1];
    if (range === undefined || address >= range.end) return `0x${address.toString(16)}`;
    return `${baseName(range.name)}+0x${(address - range.base).toString(16)}`;
  }
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
