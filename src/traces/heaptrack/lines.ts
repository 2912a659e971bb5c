/** What heaptrack's two formats have in common: a letter, a blank, fields; stacks as a tree; time that goes on by itself. */
import type { Calls } from "../recorders/calls.ts";
import type { Line } from "../recorders/line.ts";
import type { LineFormat } from "../recorders/read-lines.ts";

export abstract class HeaptrackLines implements LineFormat {
  protected readonly calls: Calls;

  constructor(calls: Calls) {
    this.calls = calls;
    calls.at(0);
  }

  line(line: Line): boolean {
    const kind = line.next;
    line.at++;
    if (line.at < line.end && line.next !== 32) return false;
    switch (kind) {
      case 116:
        return this.stack(this.instructionOf(line), line);
      case 99:
        return this.time(line);
      case 82: // R
      case 88: // X
      case 73: // I
      case 83: // S
      case 35: // #
        return true;
      default:
        return this.other(kind, line);
    }
  }

  /** Takes what a `t` line says of its instruction, in words; undefined if there is none. */
  protected abstract instructionOf(line: Line): string | undefined;

  /** Takes a line that only one of the formats has, from behind its letter. Whether it is one. */
  protected abstract other(kind: number, line: Line): boolean;

  private stack(instruction: string | undefined, line: Line): boolean {
    const caller = line.hex();
    const { sites } = this.calls.builder;
    if (instruction === undefined || caller < 0 || caller > sites.count || !line.done) return false;
    sites.add(caller, instruction);
    return true;
  }

  /** In milliseconds since the start. */
  private time(line: Line): boolean {
    const time = line.hex();
    if (time < 0 || !line.done) return false;
    this.calls.at(Math.min(time * 1e6, Number.MAX_SAFE_INTEGER));
    return true;
  }
}
