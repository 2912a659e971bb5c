import type { Command } from "commander";
import { readTraceFile } from "../engine/files.ts";
import { isScenario, readScenarioFile } from "../engine/scenario-file.ts";
import { type ReadingOptions, withReading } from "./reading.ts";

export function validateCommand(program: Command): void {
  withReading(program.command("validate"))
    .description("check a trace or scenario file and say what is in it")
    .argument("<file>", "trace file, or scenario file (.json)")
    .action(async (file: string, reading: ReadingOptions) => {
      process.stdout.write(
        `${file}: ok, ${isScenario(file) ? await scenario(file) : await trace(file, reading)}\n`,
      );
    });
}

async function scenario(file: string): Promise<string> {
  const { inputs, policies, look } = await readScenarioFile(file);
  return `a scenario: ${count(inputs.length, "input")}, ${count(policies.length, "policy", "policies")}, ${look.length} to look for`;
}

/** Chunks are dropped as they come, so a trace longer than memory can be checked. */
async function trace(file: string, reading: ReadingOptions): Promise<string> {
  const read = await readTraceFile(file, { ...reading, thorough: true, chunk: () => {} });
  const { events, objects, phases, peakLiveBytes, fidelity, hash, anomalies } = read;
  const odd = anomalies.map(({ kind, count }) => `\n  ${count} x ${kind}`);
  const counts = [count(events, "event"), count(objects, "object"), count(phases.length, "phase")];
  return `a trace: ${counts.join(", ")}, peak ${count(peakLiveBytes, "live byte")}, fidelity ${fidelity}, hash ${hash}${odd.join("")}`;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
