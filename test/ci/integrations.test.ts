/** What runs Heapscape in CI, run as the CI would: the action for GitHub, and the README's job for GitLab. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Ended, Folder, MAIN, SMALL } from "../cli/heapscape.ts";
import { WITH_HEADER } from "../cli/policy-file.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

interface Step {
  readonly shell: string;
  readonly env: Record<string, string>;
  readonly run: string;
  readonly "working-directory": string;
}
const action: { inputs: Record<string, { default: string }>; runs: { using: string; steps: Step[] } } = parse(
  read(".github/actions/check/action.yml"),
);
const [github, gitlab] = [...read("README.md").matchAll(/```yaml\n([\s\S]+?)```/g)].map(([, yaml]) =>
  parse(yaml),
);

it("the action is one bash step that takes its inputs from the environment", () => {
  expect(action.runs).toMatchObject({ using: "composite", steps: [{ shell: "bash" }] });
  expect(action.runs.steps[0].run).not.toContain("${{");
  expect(github.steps[1].uses).toMatch(/\/\.github\/actions\/check@/);
  expect(existsSync(join(ROOT, ".github/actions/check/action.yml"))).toBe(true);
});

describe("in CI", { timeout: 60_000 }, () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = new Folder();
    mkdirSync(join(folder.path, "node_modules/.bin"), { recursive: true });
    symlinkSync(ROOT, join(folder.path, "node_modules/heapscape"));
    symlinkSync(MAIN, join(folder.path, "node_modules/.bin/heapscape"));
    mkdirSync(join(folder.path, "sub dir"));
    folder.write("sub dir/small.trace", SMALL);
    folder.write("sub dir/mine.ts", WITH_HEADER);
    folder.write(
      "sub dir/gate.json",
      JSON.stringify({ inputs: ["*.trace"], policies: ["first-fit", "./mine.ts"], heap: "1KiB" }),
    );
    folder.write("package.json", "{}");
    const config = ["--config", "sub dir/gate.json"];
    expect(await folder.heapscape("baseline", "update", ...config)).toMatchObject({ status: 0 });
  });
  afterEach(() => folder.remove());

  const grow = () => folder.write("sub dir/mine.ts", WITH_HEADER.replace("HEADER = 8", "HEADER = 9"));

  /** As GitLab and GitHub call it; nothing may be had from a network. */
  const bash = (script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> =>
    new Promise((ended) => {
      const all = { ...process.env, NO_COLOR: "1", npm_config_offline: "true", GITHUB_ACTIONS: "", ...env };
      const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
      execFile("bash", args, { cwd, env: all }, (error, stdout, stderr) =>
        ended({ status: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });

  async function act(given: Readonly<Record<string, string>>): Promise<Ended> {
    const filled = (text: string): string =>
      text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => given[name] ?? action.inputs[name].default);
    const [step] = action.runs.steps;
    const env = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, filled(value)]));
    return bash(step.run, join(folder.path, filled(step["working-directory"])), {
      ...env,
      ...{ GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: folder.path },
      GITHUB_STEP_SUMMARY: join(folder.path, "summary.md"),
    });
  }

  it("the action passes, then fails with annotations, a summary and reports", async () => {
    const given = { "working-directory": "sub dir", config: "gate.json", html: "out.html" };
    const passed = await act(given);
    expect([passed.status, passed.stderr]).toEqual([0, expect.not.stringContaining("::")]);
    expect(folder.read("summary.md")).toMatch(
      /^### Heapscape\n\n2 cells compared with .*: all are as before\.\n/,
    );
    expect(folder.read("sub dir/heapscape.junit.xml")).toContain('tests="2" failures="0" errors="0"');
    expect(folder.read("sub dir/out.html")).toContain("<h1>The check passed</h1>");

    grow();
    const failed = await act({
      "working-directory": "sub dir",
      config: "gate.json",
      junit: "it's $HOME.xml",
    });
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^::error file=sub dir\/small\.trace,title=Heapscape%3A \S+ changed::/m);
    expect(folder.read("summary.md")).toMatch(
      /\n\| \*\*error\*\* \| `small\.trace -a mine\.ts --heap 1KiB` \|/,
    );
    expect(folder.read("sub dir/it's $HOME.xml")).toContain('tests="2" failures="1" errors="0"');
  });

  it("the job for GitLab leaves its reports where it says, also when it fails", async () => {
    const { script, artifacts } = gitlab.heapscape;
    grow();
    const run = script.join("\n").replace("heapscape check", "heapscape check --config gate.json");
    expect(await bash(run, join(folder.path, "sub dir"), {})).toMatchObject({ status: 1 });
    expect(artifacts.when).toBe("always");
    expect(folder.read(`sub dir/${artifacts.reports.junit}`)).toContain('failures="1"');
    expect(folder.read(`sub dir/${artifacts.paths[0]}`)).toContain("<h1>The check failed: ");
  });
});
