/** For tests of policies: the contract that every one passes, drawings of heaps, seeded sequences. */
export { digest } from "./digest.ts";
export { type DrawOptions, draw, list } from "./draw.ts";
export { type ContractCase, policyContract } from "./policy-contract.ts";
export { type MixOptions, mixedTrace, sequenceOf } from "./sequences.ts";
