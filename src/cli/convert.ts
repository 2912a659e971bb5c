import type { Command } from "commander";
import { readTraceFile, sameFile, writeWhole } from "../engine/files.ts";
import { OptionError } from "../options/options.ts";
import { formats } from "../traces/formats.ts";
import type { TraceFormat } from "../traces/importer.ts";
import { formatNamed } from "../traces/read-trace.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf, type ReadingOptions, withReading } from "./reading.ts";

interface ConvertOptions extends ReadingOptions {
  readonly out: string;
  readonly format?: string;
}

type Writer = TraceFormat & Required<Pick<TraceFormat, "write">>;

const writers = formats.filter((format): format is Writer => format.write !== undefined);

export function convertCommand(program: Command): void {
  withReading(program.command("convert"))
    .description("read a trace in any format that is known and write it in another")
    .argument("<file>", "trace file")
    .option("-o, --out <file>", "where to; - is stdout", "-")
    .option(
      "--format <name>",
      `${writers.map(({ name }) => name).join(" or ")} (default: by the ending of OUT, or text)`,
    )
    .action(convert);
}

async function convert(file: string, { out, format, ...reading }: ConvertOptions): Promise<void> {
  const writer = format === undefined ? writerFor(out) : writerNamed(format);
  if (out !== "-" && sameFile(file, out))
    throw new Error(`${out}: it is the input, which is not overwritten`);
  const progress = progressLine();
  const trace = await readTraceFile(file, {
    ...reading,
    progress: (bytes) => progress.show(`${file}: ${(bytes / 2 ** 20).toFixed(1)} MiB read`),
  });
  progress.clear();
  if (out !== "-") writeWhole(out, writer.write(trace));
  else for (const piece of writer.write(trace)) process.stdout.write(piece);
  process.stderr.write(fidelityOf(trace));
}

function writerFor(out: string): Writer {
  if (out === "-") return writerNamed("text");
  const found = writers.find(({ extension }) => out.toLowerCase().endsWith(extension));
  if (found) return found;
  const endings = writers.map(({ name, extension }) => `${extension} for ${name}`).join(", ");
  throw new OptionError(`${out}: no format that can be written ends so (${endings}); name one with --format`);
}

function writerNamed(name: string): Writer {
  const { write, ...rest } = formatNamed(name);
  if (write) return { ...rest, write };
  throw new OptionError(`format "${name}" can be read, not written`);
}
