/** The library: replay traces through models of real allocators and collectors. Portable: no Node, no DOM. */
export * from "./allocators/contract.ts";
export { momentOf } from "./metrics/meter.ts";
export * from "./metrics/metric.ts";
export { BUCKETS, type Series } from "./metrics/series.ts";
export * from "./options/options.ts";
export * from "./options/size.ts";
export { Playback } from "./replay/playback.ts";
export * from "./replay/policies.ts";
export * from "./replay/recorder.ts";
export * from "./replay/replay.ts";
export { rerun } from "./replay/rerun.ts";
export { Cost } from "./space/cost.ts";
export type { Probe } from "./space/probe.ts";
export * from "./space/space.ts";
export { validate } from "./space/validate.ts";
export { TraceBuilder } from "./traces/builder.ts";
export * from "./traces/trace.ts";
