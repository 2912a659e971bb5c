/**
 * Lines of uprobes on an allocator, as the bpftrace program in the README prints them: a call and what it returned in one
 * line, `NANOSECONDS THREAD CALL ARGUMENTS`:
 *
 *     2598524676853 30440 malloc 472 0x55e286959eb0
 *     2598524935886 30440 calloc 1 648 0x55e28695a090
 *     2598525277083 30440 realloc 0x55e28693f9f0 48 0x55e28695a570
 *     2598525277084 30440 memalign 64 48 0x55e28695a580
 *     2598524760930 30440 free 0x55e28695a090
 *
 * bpftrace adds lines of its own: how many probes it attached, how many events were lost, its maps at the end.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls, Odd } from "./calls.ts";
import type { Line } from "./line.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const FIRST = /^\d+\s+\d+\s+(malloc|calloc|realloc|memalign|free)\s+(0x)?[0-9a-f]+(\s+(0x)?[0-9a-f]+){0,2}$/;
const OWN = /^(Attach(ing|ed) \d+ probes?|@|\S*WARNING)/;

export const bpftrace: TraceFormat = {
  name: "bpftrace",
  summary:
    "uprobes on malloc, calloc, realloc, free: lines NANOSECONDS THREAD CALL ARGUMENTS, see the README",
  extension: ".bpftrace.txt",
  fidelity: "partial",
  loses: "events that bpftrace drops (it says how many), what comes before it attaches; call sites",
  detect: (head) => FIRST.test(firstLines(head).find((line) => !OWN.test(line) && !LOST.test(line)) ?? ""),
  read(builder, source) {
    builder.records("time", "thread", "address");
    const calls = new Calls(builder, source);
    return readLines(calls, source, new Bpftrace(calls));
  },
};

const LOST = /^Lost (\d{1,15}) events?\s*$/;

class Bpftrace implements LineFormat {
  private readonly calls: Calls;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    const { calls } = this;
    const start = line.at;
    const time = line.decimal();
    const thread = line.decimal();
    if (thread < 0) {
      line.at = start;
      return this.own(line.rest());
    }
    const call = line.word();
    const first = call === "free" || call === "realloc" ? line.address() : line.decimal();
    const second = call === "malloc" ? line.address() : call === "free" ? 0 : line.decimal();
    const third = call === "free" || call === "malloc" ? 0 : line.address();
    if (time < 0 || first < 0 || second < 0 || third < 0 || !line.done) return false;
    calls.at(time);
    calls.by(thread);
    if (call === "malloc") calls.malloc(second, first);
    else if (call === "calloc") calls.calloc(third, first, second);
    else if (call === "realloc") calls.realloc(first, third, second);
    else if (call === "memalign") calls.memalign(third, first, second);
    else if (call === "free") calls.free(first);
    else return false;
    return true;
  }

  private own(text: string): boolean {
    const [, lost] = LOST.exec(text) ?? [];
    if (lost !== undefined) this.calls.odd(Odd.lost, Number(lost));
    return lost !== undefined || OWN.test(text);
  }
}
