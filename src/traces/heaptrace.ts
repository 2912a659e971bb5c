/** Our own binary format, compact, chunked and checksummed; heaptrace-layout.ts says what is in a file. */
import { MAGIC } from "./heaptrace-layout.ts";
import { HeaptraceReader } from "./heaptrace-reader.ts";
import { writeHeaptrace } from "./heaptrace-writer.ts";
import type { TraceFormat } from "./importer.ts";

export const heaptrace: TraceFormat = {
  name: "heaptrace",
  summary: "Heapscape's binary format: at most 6 bytes an event, checksummed",
  extension: ".heaptrace",
  fidelity: "exact",
  loses: "nothing",
  compiled: true,
  // A file that ends within the magic is one that ends early.
  detect: (head) => head.length > 0 && head.subarray(0, MAGIC.length).every((byte, i) => byte === MAGIC[i]),
  read: (builder, source) => new HeaptraceReader(builder, source),
  write: writeHeaptrace,
};
