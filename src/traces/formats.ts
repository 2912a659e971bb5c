/** The formats of traces, in the order in which they are asked whether a file is theirs. */
import { heapsnapshot } from "./heapsnapshot.ts";
import { heaptrace } from "./heaptrace.ts";
import { heaptrackInterpreted } from "./heaptrack/interpreted.ts";
import { heaptrackRaw } from "./heaptrack/raw.ts";
import type { TraceFormat } from "./importer.ts";
import { mqttlog } from "./mqttlog.ts";
import { pcap } from "./pcap.ts";
import { bpftrace } from "./recorders/bpftrace.ts";
import { logalloc } from "./recorders/logalloc.ts";
import { ltrace } from "./recorders/ltrace.ts";
import { mallocLab } from "./recorders/malloc-lab.ts";
import { memoryReplay } from "./recorders/memory-replay.ts";
import { mtrace } from "./recorders/mtrace.ts";
import { valgrind } from "./recorders/valgrind.ts";
import { text } from "./text.ts";

export const formats: readonly TraceFormat[] = [
  heaptrace,
  heapsnapshot,
  mqttlog,
  pcap,
  heaptrackRaw,
  heaptrackInterpreted,
  memoryReplay,
  mtrace,
  ltrace,
  valgrind,
  logalloc,
  bpftrace,
  mallocLab,
  text,
];
