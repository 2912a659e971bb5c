import { constants } from "node:os";
import { basename } from "node:path";
import type { Command } from "commander";
import { checkWritable, openWhole } from "../engine/files.ts";
import { type ProgramRecording, recordProgram } from "../record/record-program.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf } from "./reading.ts";
import { type MqttOptions, parsePort, parseUpstream, recordMqtt } from "./record-mqtt.ts";

interface RecordOptions {
  readonly out?: string;
  readonly mqtt?: number;
  readonly upstream?: MqttOptions["upstream"];
}

export function recordCommand(program: Command): void {
  program
    .command("record")
    .description(
      "run a program and record every call of malloc and its family, with addresses, threads, times and callers; " +
        "signals go to the program, and its status is ours; or with --mqtt the traffic of an MQTT broker",
    )
    .argument("[command...]", "the program and its arguments, behind --")
    .option("--out <file>", "the recording (default: PROGRAM.PID.heaptrace, or mqtt.PID.mqttlog)")
    .option(
      "--mqtt <port>",
      "stand between MQTT clients and their broker: the port for the clients",
      parsePort,
    )
    .option("--upstream <host:port>", "with --mqtt: where the broker is", parseUpstream)
    .action(record);
}

async function record(command: string[], options: RecordOptions): Promise<void> {
  const { mqtt, upstream } = options;
  if (mqtt !== undefined && upstream !== undefined && command.length === 0)
    return recordMqtt({ ...options, mqtt, upstream });
  if (mqtt !== undefined || upstream !== undefined)
    throw new Error("--mqtt PORT and --upstream HOST:PORT belong together, without a command");
  if (command.length === 0)
    throw new Error(
      "there is nothing to record; give a command behind --, or --mqtt PORT and --upstream HOST:PORT",
    );
  const out = options.out ?? `${basename(command[0])}.${process.pid}.heaptrace`;
  checkWritable(out);
  const file = openWhole(out);
  const progress = progressLine();
  try {
    const recording = await recordProgram(command, {
      name: out,
      write: file.write,
      progress: (events, liveBytes) =>
        progress.show(`${out}: ${events} events, ${(liveBytes / 2 ** 20).toFixed(1)} MiB live`),
    });
    file.keep();
    progress.clear();
    process.stderr.write(fidelityOf(recording.trace) + summaryOf(recording));
    // As env, nice and strace do.
    const { end } = recording;
    process.exitCode = typeof end === "number" ? end : 128 + constants.signals[end];
  } finally {
    file.drop();
  }
}

/** How many calls there were, and what became of those that are no event. */
function summaryOf({ trace, calls, left, unfinished, lost, children, end }: ProgramRecording): string {
  const threads = trace.threads.length;
  const lines = [
    `${calls} calls by ${threads} thread${threads === 1 ? "" : "s"}, ${calls - left} of them events`,
  ];
  if (lost > 0)
    lines.push(
      `${lost} calls were lost: there was no room for them on the disk, or in the addresses that the program may use`,
    );
  if (unfinished > 0) lines.push(`${unfinished} calls were cut off when it was killed`);
  if (children > 0)
    lines.push(`${children} forked processes were left out; record the one that does the work`);
  if (calls === 0) lines.push("no call was seen: the program has a malloc of its own inside it");
  lines.push(typeof end === "number" ? `it ended with status ${end}` : `it was ended by ${end}`);
  return lines.map((line) => `  ${line}\n`).join("");
}
