/** Where reports go: `--reporter NAME[=FILE]`, to stdout where no file is named. */
import { checkWritable, identity, writeWhole } from "../engine/files.ts";
import { isWorkload } from "../engine/inputs.ts";
import { policyFile } from "../engine/load-policy.ts";
import type { Job } from "../engine/run-cells.ts";
import type { Report, Reporter } from "../report/reporter.ts";
import { reporterNamed } from "../report/reporters.ts";
import { manifest } from "./manifest.ts";
import { paintFor, plain } from "./paint.ts";

/** A reporter and where it writes; to stdout where there is no file. */
export interface Output {
  readonly reporter: Reporter;
  readonly file?: string;
}

/** Throws where a reporter is unknown, and where two would write to stdout. */
export function outputsOf(calls: readonly string[]): Output[] {
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
  return outputs;
}

/** No report may land where another one does, nor on what the run reads, under whatever name. */
export function checkOutputs(
  outputs: readonly Output[],
  inputs: readonly string[],
  jobs: readonly Pick<Job, "input" | "policy">[],
): void {
  const taken = new Map<string, string>();
  for (const file of [...inputs, ...jobs.map(({ input }) => input)])
    if (!isWorkload(file)) taken.set(identity(file), `it is the input ${file}, which is not overwritten`);
  for (const { policy } of jobs) {
    const file = policyFile(policy)?.file;
    if (file !== undefined)
      taken.set(identity(file), `it is the file of the policy ${file}, which is not overwritten`);
  }
  for (const { file } of outputs) {
    if (file === undefined) continue;
    checkWritable(file);
    const fault = taken.get(identity(file));
    if (fault !== undefined) throw new Error(`${file}: ${fault}`);
    taken.set(identity(file), "two reporters would write to it");
  }
}

export function writeOutputs(outputs: readonly Output[], report: Report): void {
  const { version } = manifest;
  for (const { reporter, file } of outputs) {
    if (file !== undefined) writeWhole(file, [reporter.write(report, { version, paint: plain })]);
    else process.stdout.write(reporter.write(report, { version, paint: paintFor(process.stdout) }));
  }
}
