/**
 * Firefox's logalloc (memory/replace/logalloc): `PID [TID] FUNCTION(ARGUMENTS)[=POINTER]`, or the same as its munge
 * script writes it for a replay, with `#NUMBER` for pointers; numbers of the dead are given out again. A log may be of many
 * processes: the first one's calls are read.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls } from "./calls.ts";
import type { Line } from "./line.ts";
import { namedCall } from "./named-call.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const CALL = /^(\d+) (?:(\d+) )?(\w+)\(([^()]*)\)(?:=(\S+))?\s*$/;
const FIRST =
  /^\d+ (?:\d+ )?(malloc|calloc|realloc|free|memalign|posix_memalign|aligned_alloc|valloc)\([^ ()]*\)(=\S+)?$/;

export const logalloc: TraceFormat = {
  name: "logalloc",
  summary: "Firefox's logalloc (MALLOC_LOG=FILE), as it is or munged for a replay",
  extension: ".logalloc.txt",
  fidelity: "exact",
  loses: "all processes but the first; times, call sites; munged: addresses",
  detect: (head) => FIRST.test(firstLines(head)[0] ?? ""),
  read(builder, source) {
    const calls = new Calls(builder, source);
    return readLines(calls, source, new Logalloc(calls));
  },
};

class Logalloc implements LineFormat {
  private readonly calls: Calls;
  private process: string | undefined;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    const [, process, thread, name, args, result] = CALL.exec(line.rest()) ?? [];
    if (process === undefined) return false;
    if (this.process === undefined) this.begin(process, args + result);
    if (process !== this.process) {
      this.calls.builder.anomaly(`call of another process than the first, ${this.process}`);
      return true;
    }
    this.calls.by(Number(thread ?? process));
    if (name === "jemalloc_stats") return true;
    return namedCall(this.calls, name, args === "" ? [] : args.split(","), result) ?? false;
  }

  private begin(process: string, pointers: string): void {
    this.process = process;
    if (pointers.includes("#")) this.calls.builder.records("thread");
    else this.calls.builder.records("thread", "address");
  }
}
