import { expect, test } from "vitest";
import { Agenda } from "../../src/workloads/mqtt/agenda.ts";
import { Random } from "../../src/workloads/random.ts";

test("does what is planned in order of time, and at the same time in the order of planning", () => {
  const random = new Random(3);
  const agenda = new Agenda();
  const plans = Array.from({ length: 500 }, (_, order) => ({ time: random.below(60), order }));
  const done: typeof plans = [];
  for (const plan of plans) agenda.at(plan.time, () => done.push(plan));
  agenda.runWhile(() => true);
  expect(done).toEqual(plans.toSorted((a, b) => a.time - b.time || a.order - b.order));
});

test("an action may plan others, also for now", () => {
  const agenda = new Agenda();
  const done: string[] = [];
  agenda.at(5, () => {
    done.push(`first at ${agenda.now}`);
    agenda.after(0, () => done.push(`third at ${agenda.now}`));
    agenda.after(10, () => done.push(`fourth at ${agenda.now}`));
  });
  agenda.at(5, () => done.push(`second at ${agenda.now}`));
  agenda.runUntil(14);
  expect(done).toEqual(["first at 5", "second at 5", "third at 5"]);
  agenda.runUntil(20);
  expect(done[3]).toBe("fourth at 15");
  expect(agenda.now).toBe(20);
});
