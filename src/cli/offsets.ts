import { setImmediate } from "node:timers/promises";
import type { Command } from "commander";
import { readInput } from "../engine/inputs.ts";
import { loadPolicy } from "../engine/load-policy.ts";
import { blame } from "../engine/run-cell.ts";
import { heapBytes } from "../options/heap.ts";
import { OptionError } from "../options/options.ts";
import { Replay } from "../replay/replay.ts";
import { Offsets } from "../report/offsets.ts";
import { exits } from "./exits.ts";
import { parseHeap, parseSeed } from "./parse.ts";
import { type ReadingOptions, withReading } from "./reading.ts";

interface OffsetsOptions extends ReadingOptions {
  readonly policy: string;
  readonly heap: string;
  readonly seed: number;
}

export function offsetsCommand(program: Command): void {
  withReading(program.command("offsets"))
    .description("print where a policy places every request of a trace")
    .argument("<trace>", "trace file or workload:NAME[:key=value,...]")
    .requiredOption("-a, --policy <policy>", "NAME[:key=value,...] or a file ./mine.ts")
    .option("--heap <heap>", "SIZE, grow, or a multiple of the trace's peak live bytes", parseHeap, "grow")
    .option("--seed <number>", "for workloads", parseSeed, 1)
    .action(offsets);
}

async function offsets(input: string, options: OffsetsOptions): Promise<void> {
  const choice = await loadPolicy(options.policy);
  const { strict, maxBytes } = options;
  const trace = await readInput(input, options.seed, { strict, maxBytes });
  const heap = heapBytes(options.heap, trace.peakLiveBytes);
  let replay: Replay | undefined;
  let lines: Offsets | undefined;
  try {
    replay = new Replay({ ...choice, heap, record: false });
    lines = new Offsets(replay, (text) => process.stdout.write(text));
    replay.prepare(trace);
    for (const chunk of trace.chunks) {
      lines.feed(chunk);
      await setImmediate(); // Ctrl-C and a closed pipe are heard between chunks
    }
    lines.flush();
  } catch (error) {
    if (error instanceof OptionError) throw error;
    lines?.flush();
    process.stderr.write(`heapscape: ${input}: ${blame(error, options, choice, replay)}\n`);
    process.exitCode = exits.incomplete;
  }
}
