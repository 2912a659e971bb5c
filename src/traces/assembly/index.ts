/** What `Compiled` (src/traces/compiled.ts) calls. */
export { readLines } from "./lines";
export { readRows, sumWords, unpackOps, widen } from "./rows";
