/** Where reports go: `--reporter NAME[=FILE]`, to stdout where no file is named; and to GitHub, where it is what runs us. */
import { appendFileSync, existsSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { checkWritable, identity, inWords, writeWhole } from "../engine/files.ts";
import { isWorkload } from "../engine/inputs.ts";
import { policyFile } from "../engine/load-policy.ts";
import type { Job } from "../engine/run-cells.ts";
import { FILES } from "../engine/sweep/store.ts";
import { github, summaryOf } from "../report/github.ts";
import type { Report, Reporter } from "../report/reporter.ts";
import { REPORTERS, reporterNamed } from "../report/reporters.ts";
import { manifest } from "./manifest.ts";
import { paintFor, plain } from "./paint.ts";

/** A reporter and where it writes; to stdout where there is no file. */
export interface Output {
  readonly reporter: Reporter;
  readonly file?: string;
}

/** For the option of every command that reports. */
export const REPORTER_HELP = `NAME[=FILE], of ${REPORTERS.map(({ name }) => name).join(", ")}; may be repeated (default: text)`;

/** Throws where a reporter is unknown, where two would write to stdout, and where one would that no terminal can show. */
export function outputsOf(calls: readonly string[], terminal = process.stdout.isTTY): Output[] {
  const outputs = calls.map((call): Output => {
    const equals = call.indexOf("=");
    if (equals < 0) return { reporter: reporterNamed(call) };
    const file = call.slice(equals + 1);
    if (file === "") throw new Error(`reporter "${call}" names no file`);
    return { reporter: reporterNamed(call.slice(0, equals)), file };
  });
  const [, other] = outputs.filter(({ file }) => file === undefined);
  if (other)
    throw new Error(`two reporters would write to stdout; give one a file: ${other.reporter.name}=FILE`);
  const unseen = outputs.find(({ reporter, file }) => terminal && reporter.file && file === undefined);
  if (unseen) {
    const { name } = unseen.reporter;
    throw new Error(`a terminal cannot show what the reporter ${name} writes; give it a file: ${name}=FILE`);
  }
  return outputs;
}

export const wantHistory = (outputs: readonly Output[]): boolean =>
  outputs.some(({ reporter }) => reporter.history);

/**
 * No report may land where another one does, nor on what the run reads, nor on what a sweep keeps in its folder, under
 * whatever name. What jobs of another machine read need not be here.
 */
export function checkOutputs(
  outputs: readonly Pick<Output, "file">[],
  inputs: readonly string[],
  jobs: readonly Pick<Job, "input" | "policy">[],
  sweeps: readonly string[] = [],
): void {
  const taken = new Map<string, string>();
  for (const file of [...inputs, ...jobs.map(({ input }) => input).filter(existsSync)])
    if (!isWorkload(file)) taken.set(identity(file), `it is the input ${file}, which is not overwritten`);
  for (const { policy } of jobs) {
    const file = policyFile(policy)?.file;
    if (file !== undefined && existsSync(file))
      taken.set(identity(file), `it is the file of the policy ${file}, which is not overwritten`);
  }
  for (const folder of sweeps.filter(existsSync))
    for (const name of FILES)
      taken.set(
        identity(join(folder, name)),
        `it is a file of the sweep in ${folder}, which is not overwritten`,
      );
  for (const { file } of outputs) {
    if (file === undefined) continue;
    checkWritable(file);
    const fault = taken.get(identity(file));
    if (fault !== undefined) throw new Error(`${file}: ${fault}`);
    taken.set(identity(file), "two reporters would write to it");
  }
}

/** Findings name files from `folder`. */
export function writeOutputs(outputs: readonly Output[], report: Report, folder = "."): void {
  const { version } = manifest;
  const settings = {
    version,
    path: (file: string) => fromRepository(isAbsolute(file) ? file : join(folder, file)),
  };
  for (const { reporter, file } of outputs) {
    if (file !== undefined) writeWhole(file, [reporter.write(report, { ...settings, paint: plain })]);
    else process.stdout.write(reporter.write(report, { ...settings, paint: paintFor(process.stdout) }));
  }
  const asked = outputs.some(({ reporter }) => reporter === github);
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  // A runner reads commands from stderr as well, and stdout may be JSON for somebody else.
  if (GITHUB_ACTIONS === "true" && !asked)
    process.stderr.write(github.write(report, { ...settings, paint: plain }));
  if ((GITHUB_ACTIONS === "true" || asked) && GITHUB_STEP_SUMMARY) addToSummary(GITHUB_STEP_SUMMARY, report);
}

/** GitHub takes a path from the root of the repository, wherever in it the step runs. */
function fromRepository(file: string): string {
  const { GITHUB_WORKSPACE } = process.env;
  return GITHUB_WORKSPACE ? relative(GITHUB_WORKSPACE, resolve(file)) : file;
}

/** The file is the runner's, and other programs of the step write to it as well. */
function addToSummary(file: string, report: Report): void {
  try {
    appendFileSync(file, summaryOf(report, statSync(file, { throwIfNoEntry: false })?.size ?? 0));
  } catch (error) {
    throw inWords(error, file, "write");
  }
}
