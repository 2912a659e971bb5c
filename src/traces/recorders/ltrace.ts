/**
 * ltrace(1) of the allocating functions: `[PID] [TIME] [LIBRARY->]FUNCTION(ARGUMENTS) = RESULT`, with PID as a bare
 * number or `[pid NUMBER]`, and TIME as seconds (-ttt) or of the day (-tt). A call in which something else is traced
 * comes in two: `FUNCTION(ARGUMENTS <unfinished ...>` and `<... FUNCTION resumed> ) = RESULT`. Other functions, signals
 * and exits may lie in between. The library is the call site.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "./calls.ts";
import type { Line } from "./line.ts";
import { namedCall } from "./named-call.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const BEFORE = String.raw`^(?:\[pid (\d+)\]\s+|(\d+)\s+)?(?:(?:(\d+):(\d+):)?(\d+)(?:\.(\d+))?\s+)?`;
const CALL = new RegExp(String.raw`${BEFORE}(?:(\S+)->)?([\w@.]+)\((.*)$`);
const RESUMED = new RegExp(String.raw`${BEFORE}<\.\.\. (?:(\S+)->)?([\w@.]+) resumed>(.*)$`);
const OTHER = new RegExp(String.raw`${BEFORE}(---|\+\+\+|%%%|<\.\.\.)`);
const FIRST = new RegExp(
  String.raw`${BEFORE}(?:(\S+)->)?(malloc|calloc|realloc|free|memalign|posix_memalign|aligned_alloc)\(.*(\) += (0x[0-9a-f]+|0|<void>|\(?nil\)?|NULL)|<unfinished \.\.\.>)$`,
);
const UNFINISHED = "<unfinished ...>";
/** Calls that one thread has not finished: more are no program's. */
const DEEPEST = 1000;

export const ltrace: TraceFormat = {
  name: "ltrace",
  summary: "ltrace -f -ttt -e 'malloc+calloc+realloc+free' (other functions may be in it too)",
  extension: ".ltrace.txt",
  fidelity: "partial",
  loses: "calls from inside libc, so their blocks are freed unknown; of call sites all but the library",
  detect: (head) => FIRST.test(firstLines(head)[0] ?? ""),
  read(builder, source) {
    const calls = new Calls(builder, source);
    return readLines(calls, source, new Ltrace(calls));
  },
};

interface Unfinished {
  readonly name: string;
  readonly args: string;
  readonly site: number;
}

class Ltrace implements LineFormat {
  private readonly calls: Calls;
  private readonly unfinished = new Map<string, Unfinished[]>();
  private begun = false;
  /** Seconds of the first line: nanoseconds since then are exact. */
  private origin = Number.NaN;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    const text = line.rest();
    const resumed = RESUMED.exec(text);
    const found = resumed ?? CALL.exec(text);
    if (!found) return OTHER.test(text);
    const [, bracketed, bare, hours, minutes, seconds, fraction, library, name, after] = found;
    const thread = bracketed ?? bare ?? "0";
    if (!this.begun) this.begin(seconds !== undefined);
    this.calls.by(Number(thread));
    if (seconds !== undefined)
      this.at(Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds), fraction);
    const { sites, details } = this.calls.builder;
    details.site = library === undefined ? 0 : sites.of(library);
    return resumed ? this.resume(thread, name, after) : this.call(thread, name, after);
  }

  end(): void {
    let open = 0;
    for (const calls of this.unfinished.values()) open += calls.length;
    if (open > 0) this.calls.odd(Odd.truncated, open);
  }

  private call(thread: string, name: string, after: string): boolean {
    const told = after.trimEnd();
    const begun = told.endsWith(UNFINISHED) ? told.slice(0, -UNFINISHED.length) : undefined;
    if (begun !== undefined) {
      const open = this.unfinished.get(thread) ?? [];
      if (open.length === DEEPEST) return false;
      open.push({ name, args: begun, site: this.calls.builder.details.site });
      this.unfinished.set(thread, open);
      return true;
    }
    return this.done(name, after);
  }

  private resume(thread: string, name: string, after: string): boolean {
    const open = this.unfinished.get(thread);
    const last = open?.findLastIndex((call) => call.name === name) ?? -1;
    if (open === undefined || last < 0) return false;
    const [{ args, site }] = open.splice(last);
    if (open.length === 0) this.unfinished.delete(thread);
    this.calls.builder.details.site = site;
    return this.done(name, args + after.trimStart());
  }

  /** `rest` is what follows the opening bracket. Arguments may hold anything, a result no `=`. */
  private done(name: string, rest: string): boolean {
    const equals = rest.lastIndexOf("=");
    const called = rest.slice(0, Math.max(0, equals)).trimEnd();
    if (!called.endsWith(")")) return false;
    const [result] = rest
      .slice(equals + 1)
      .trim()
      .split(" ", 1);
    const args = called.slice(0, -1).trim();
    const told = args === "" ? [] : args.split(",").map((arg) => arg.trim());
    const [plain] = name.split("@", 1);
    return namedCall(this.calls, plain, told, result === "<void>" ? undefined : result) ?? true;
  }

  private begin(timed: boolean): void {
    this.begun = true;
    if (timed) this.calls.builder.records("time", "thread", "address", "site");
    else this.calls.builder.records("thread", "address", "site");
  }

  private at(seconds: number, fraction = "0"): void {
    if (Number.isNaN(this.origin)) this.origin = seconds;
    this.calls.at(Math.max(0, seconds - this.origin) * 1e9 + Number(fraction.slice(0, 9).padEnd(9, "0")));
  }
}
