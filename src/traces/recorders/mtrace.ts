/**
 * glibc's mtrace(3), switched on by MALLOC_TRACE: `= Start`, `= End`, and for each call
 *
 *     @ CALLER + POINTER SIZE      malloc, calloc and memalign alike
 *     @ CALLER - POINTER           free, and realloc to 0 bytes
 *     @ CALLER < OLD               realloc, in two lines
 *     @ CALLER > NEW SIZE
 *     @ CALLER ! POINTER SIZE      realloc that failed
 *
 * CALLER is `FILE:(SYMBOL+OFFSET)[ADDRESS]` or less of it, or the whole of `@ CALLER` is left out. Files may have blanks
 * in their names. Numbers are hex behind 0x, but 0 is a plain 0 and NULL `(nil)`.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "./calls.ts";
import type { Line } from "./line.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const FIRST = /^(= Start|(@ .*\S )?([+<>!-]) (0x[0-9a-f]+|\(nil\))( |$))/;

export const mtrace: TraceFormat = {
  name: "mtrace",
  summary: "glibc's mtrace (MALLOC_TRACE=FILE)",
  extension: ".mtrace.txt",
  fidelity: "partial",
  loses: "calloc and memalign are written as malloc; times, threads; what comes before mtrace()",
  detect: (head) => FIRST.test(firstLines(head)[0] ?? ""),
  read(builder, source) {
    builder.records("address", "site");
    const calls = new Calls(builder, source);
    return readLines(calls, source, new Mtrace(calls));
  },
};

class Mtrace implements LineFormat {
  private readonly calls: Calls;
  /** What a realloc whose second line is to come was given; -1 if there is none. */
  private old = -1;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    if (line.is(61)) return /^ (Start|End)\s*$/.test(line.rest()); // =
    this.calls.builder.details.site = line.next === 64 ? this.caller(line) : 0;
    const operation = line.next;
    line.at++;
    const address = line.address();
    if (address < 0) return false;
    const bytes = operation === 45 || operation === 60 ? 0 : line.hex();
    if (bytes < 0 || !line.done) return false;
    return this.call(operation, address, bytes);
  }

  end(): void {
    if (this.old >= 0) this.calls.odd(Odd.truncated);
  }

  private call(operation: number, address: number, bytes: number): boolean {
    const { calls, old } = this;
    this.old = -1;
    if (old >= 0 && operation !== 62) calls.odd(Odd.unreadable);
    if (operation === 43) calls.malloc(address, bytes);
    else if (operation === 45) calls.free(address);
    else if (operation === 60) this.old = address;
    else if (operation === 62 && old >= 0) calls.realloc(old, address, bytes);
    else if (operation === 33) calls.odd(Odd.failed);
    else return false;
    return true;
  }

  /** `@ CALLER `: up to the last blank before an operation, which only a blank and a number follow. */
  private caller(line: Line): number {
    const { bytes } = line;
    let at = line.end - 1;
    const isOperation = (byte: number) =>
      byte === 43 || byte === 45 || byte === 60 || byte === 62 || byte === 33;
    while (at > line.at && !(bytes[at] === 32 && isOperation(bytes[at + 1]) && bytes[at + 2] === 32)) at--;
    const from = line.at + 2;
    line.at = at + 1;
    const frame = new TextDecoder().decode(bytes.subarray(from, at));
    return frame === "" ? 0 : this.calls.builder.sites.of(frame);
  }
}
