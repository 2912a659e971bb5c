import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GALLERY, gallery, scenarioOf } from "./gallery.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

it("the README has the gallery, and begins it with one subscriber, one publisher and three messages", () => {
  expect(readme).toContain(`## What there is to see\n\n`);
  expect(readme).toContain(gallery());
  expect(scenarioOf(GALLERY[0].scenario).inputs).toEqual(["workload:mqtt-hello"]);
});

it("the gallery shows scenarios under policies of theirs", () => {
  for (const { scenario, policies } of GALLERY)
    expect(scenarioOf(scenario).policies).toEqual(expect.arrayContaining([...policies]));
});

it("no picture weighs more than 60 KB, and each is in the README", () => {
  for (const name of readdirSync(join(root, "scenarios/pictures"))) {
    expect(statSync(join(root, "scenarios/pictures", name)).size, name).toBeLessThan(60_000);
    expect(readme).toContain(`(scenarios/pictures/${name})`);
  }
});
