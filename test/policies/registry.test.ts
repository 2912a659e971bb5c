import { describe, expect, it } from "vitest";
import { choosePolicy, formatChoice, POLICIES } from "../../src/replay/policies.ts";

describe("the registry", () => {
  it("has names once, and says whose each policy is and where it departs", () => {
    const names = POLICIES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const policy of POLICIES) {
      expect(policy.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [policy.summary, policy.source, policy.departs])
        expect(text.length).toBeGreaterThan(20);
      for (const { about } of Object.values(policy.options)) expect(about.length).toBeGreaterThan(5);
    }
  });

  it("names the nearest of an unknown policy, option and value", () => {
    expect(() => choosePolicy("frist-fit")).toThrow('unknown policy "frist-fit" (did you mean "first-fit"');
    expect(() => choosePolicy("first-fit:hedaer=8")).toThrow(
      'policy first-fit: unknown option "hedaer" (did you mean "header"',
    );
    expect(() => choosePolicy("first-fit:order=up")).toThrow(
      'policy first-fit: order is "up"; it must be one of',
    );
  });

  it("writes a choice as it reads it", () => {
    expect(formatChoice(choosePolicy("first-fit:order=lifo,header=16"))).toBe(
      "first-fit:header=16,order=lifo",
    );
  });
});
