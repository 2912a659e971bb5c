/** Every allocator of the registry passes the contract: a new one is here as soon as it has its line there. */
import { describe, it } from "vitest";
import { ALLOCATORS } from "../../src/allocators/registry.ts";
import { policyContract } from "../../src/testing/policy-contract.ts";

describe.each(ALLOCATORS.map((policy) => [policy.name, policy] as const))("%s", (_, policy) => {
  for (const { name, run } of policyContract(policy)) it(name, run);
});
