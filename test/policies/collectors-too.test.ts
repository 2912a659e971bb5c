/** Every other collector of the registry passes the contract: a new one is here as soon as it has its line there. */
import { describe, it } from "vitest";
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { policyContract } from "../../src/testing/policy-contract.ts";

describe.each(COLLECTORS.filter((_, i) => i % 2 === 1).map((policy) => [policy.name, policy] as const))(
  "%s",
  (_, policy) => {
    for (const { name, run } of policyContract(policy)) it(name, run);
  },
);
