/** Formats that are known and cannot be replayed: a trace needs the requests in their order. Told by content, as formats are. */
import { firstLines } from "./recorders/read-lines.ts";

export interface RefusedFormat {
  readonly name: string;
  /** Why, and what to do: goes on from `NAME: `. */
  readonly reason: string;
  detect(head: Uint8Array): boolean;
}

const SUMS = "it holds sums over the run, not the requests in their order";
const SAMPLES = "it holds a sample of the allocations, not every request in its order";
const INSTEAD = "record with heaptrack, or see the README for what can be read";

const starts =
  (...patterns: RegExp[]) =>
  (head: Uint8Array) => {
    const lines = firstLines(head);
    return patterns.every((pattern, i) => pattern.test(lines[i] ?? ""));
  };

/** A text somewhere in a binary file's head. */
const holds = (head: Uint8Array, text: string) => new TextDecoder("latin1").decode(head).includes(text);
/** Field 1 of a protocol buffer, of a length. */
const LENGTH_DELIMITED = 0x0a;

export const refused: readonly RefusedFormat[] = [
  { name: "DHAT profile", reason: `${SUMS}; ${INSTEAD}`, detect: starts(/^\{"dhatFileVersion"/) },
  {
    name: "massif profile",
    reason: `${SUMS}; ${INSTEAD}`,
    detect: starts(/^desc: /, /^cmd: /, /^time_unit: /),
  },
  {
    name: "jemalloc heap profile",
    reason: `${SAMPLES}; ${INSTEAD}`,
    detect: starts(/^heap_v2\/\d+/),
  },
  {
    name: "tcmalloc or gperftools heap profile",
    reason: `${SAMPLES}; ${INSTEAD}`,
    detect: starts(/^heap profile: +\d+: +\d+ \[/),
  },
  {
    name: "pprof profile (tcmalloc, Go and others)",
    reason: `${SAMPLES}; ${INSTEAD}`,
    // profile.proto: sample_type = 1 { type = 1; unit = 2 }, both numbers of strings.
    detect: (head) => head[0] === LENGTH_DELIMITED && head[1] === 4 && head[2] === 0x08 && head[4] === 0x10,
  },
  {
    name: "Perfetto trace (heapprofd)",
    reason: `${SAMPLES}; ${INSTEAD}`,
    detect: (head) => head[0] === LENGTH_DELIMITED && (holds(head, "heapprofd") || holds(head, "perfetto")),
  },
  {
    name: "malloc_info or malloc_stats of glibc",
    reason: `it holds the state of the heap at moments, not the requests; ${INSTEAD}`,
    detect: (head) => firstLines(head).some((line) => /^(<malloc version="1">|Arena \d+:)$/.test(line)),
  },
  {
    name: "bpftrace program",
    reason: "it is what records, not what was recorded: run it and give its output",
    detect: (head) =>
      firstLines(head).some((line) => /^\s*(uprobe|uretprobe|tracepoint|BEGIN)\b.*[:{]/.test(line)),
  },
];
