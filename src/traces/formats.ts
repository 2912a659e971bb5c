/** The formats of traces, in the order in which they are asked whether a file is theirs. */
import { heapsnapshot } from "./heapsnapshot.ts";
import { heaptrace } from "./heaptrace.ts";
import type { TraceFormat } from "./importer.ts";
import { text } from "./text.ts";

export const formats: readonly TraceFormat[] = [heaptrace, heapsnapshot, text];
