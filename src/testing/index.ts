/** For tests of policies: the contract that every one passes, drawings of heaps, seeded sequences. */

export { digest } from "../replay/digest.ts";
export { type DrawOptions, draw, list } from "../space/draw.ts";
export { CollectionCheck, checkCollections } from "./collection-check.ts";
export { type ContractCase, policyContract } from "./policy-contract.ts";
export { deepList, type RandomGraphOptions, randomGraph } from "./random-graphs.ts";
export { type MixOptions, mixedTrace, sequenceOf } from "./sequences.ts";
export { TraceGraph, type TraceNode } from "./trace-graph.ts";
