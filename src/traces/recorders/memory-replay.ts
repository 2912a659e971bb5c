/**
 * What Android's malloc debug records (bionic, libc/malloc_debug, option record_allocs), and memory_replay replays:
 *
 *     TID: malloc POINTER SIZE [START END]
 *     TID: calloc POINTER COUNT SIZE [START END]
 *     TID: realloc NEW OLD SIZE [START END]
 *     TID: memalign POINTER ALIGN SIZE [START END]
 *     TID: free POINTER [START END]
 *     TID: thread_done 0x0 [END]
 *
 * Pointers are hex, the rest decimal; times are nanoseconds of a monotonic clock.
 */
import type { TraceFormat } from "../importer.ts";
import { Calls } from "./calls.ts";
import type { Line } from "./line.ts";
import { writeMemoryReplay } from "./memory-replay-writer.ts";
import { firstLines, type LineFormat, readLines } from "./read-lines.ts";

const FIRST = /^\s*\d+: (malloc|calloc|realloc|memalign|free|thread_done) 0x/;

export const memoryReplay: TraceFormat = {
  name: "memory-replay",
  summary: "Android's malloc debug (record_allocs), as memory_replay takes it",
  extension: ".memory_replay.txt",
  fidelity: "exact",
  loses: "call sites",
  detect: (head) => FIRST.test(firstLines(head)[0] ?? ""),
  read(builder, source) {
    const calls = new Calls(builder, source);
    return readLines(calls, source, new MemoryReplay(calls));
  },
  write: writeMemoryReplay,
};

class MemoryReplay implements LineFormat {
  private readonly calls: Calls;
  private begun = false;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  line(line: Line): boolean {
    const { calls } = this;
    const thread = line.decimal();
    if (thread < 0 || !line.is(58)) return false;
    const call = line.word();
    const address = line.address();
    if (address < 0) return false;
    if (call === "thread_done") return true;
    const first = call === "free" ? 0 : call === "realloc" ? line.address() : line.decimal();
    const second = call === "free" || call === "malloc" ? 0 : line.decimal();
    if (first < 0 || second < 0) return false;
    const start = line.decimal();
    if (start >= 0 && line.decimal() < 0) return false;
    if (!line.done) return false;
    if (!this.begun) this.begin(start >= 0);
    calls.by(thread);
    if (start >= 0) calls.at(start);
    if (call === "free") calls.free(address);
    else if (call === "malloc") calls.malloc(address, first);
    else if (call === "calloc") calls.calloc(address, first, second);
    else if (call === "memalign") calls.memalign(address, first, second);
    else if (call === "realloc") calls.realloc(first, address, second);
    else return false;
    return true;
  }

  private begin(timed: boolean): void {
    this.begun = true;
    if (timed) this.calls.builder.records("time", "thread", "address");
    else this.calls.builder.records("thread", "address");
  }
}
