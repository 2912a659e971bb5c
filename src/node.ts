/** The library for Node: all that is portable, and files, policies of users, and many replays. */
export { type Config, readConfig } from "./engine/config-file.ts";
export { readTraceFile, writeWhole } from "./engine/files.ts";
export { type GateCell, gateCells, kept, type Measured, measure } from "./engine/gate-cells.ts";
export { readInput } from "./engine/inputs.ts";
export { loadPolicy } from "./engine/load-policy.ts";
export { type Request as ReplayRequest, replayAll } from "./engine/replay-all.ts";
export type { Cell, Failure, Result } from "./engine/result.ts";
export { cells, type Job, type RunSettings, runCells } from "./engine/run-cells.ts";
export { readScenarioFile, scenarioFiles } from "./engine/scenario-file.ts";
export * from "./index.ts";
export type { Report, Reporter, ReportSettings } from "./report/reporter.ts";
export { REPORTERS, reporterNamed } from "./report/reporters.ts";
