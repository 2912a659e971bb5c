import type { Command } from "commander";
import { firstDifference, momentAt, type Side, SideError } from "../engine/bisect.ts";
import { checkInput, readInput } from "../engine/inputs.ts";
import { loadPolicy } from "../engine/load-policy.ts";
import { blame } from "../engine/run-cell.ts";
import { heapBytes } from "../options/heap.ts";
import { OptionError } from "../options/options.ts";
import { type Choice, formatChoice } from "../replay/policies.ts";
import { divergence } from "../report/divergence.ts";
import { CHUNK_EVENTS, eventInWords, isObjectless, type Trace } from "../traces/trace.ts";
import { exits } from "./exits.ts";
import { collect, parseEvent, parseHeap, parseSeed } from "./parse.ts";
import { progressLine } from "./progress.ts";
import { type ReadingOptions, withReading } from "./reading.ts";

interface BisectOptions extends ReadingOptions {
  readonly policy: string[];
  readonly heap: string;
  readonly seed: number;
  readonly event?: number;
}

export function bisectCommand(program: Command): void {
  withReading(program.command("bisect"))
    .description(
      "find the first event at which two policies, option sets or traces differ, and draw the heap around it: letters " +
        "are live blocks, @ that of the event, . holes, x garbage, # the policy's own; ends with 1 if they differ",
    )
    .argument("<input...>", "one or two: trace file, or workload:NAME[:key=value,...]")
    .requiredOption("-a, --policy <policy>", "one or two: NAME[:key=value,...] or a file ./mine.ts", collect)
    .option("--heap <heap>", "SIZE, grow, or a multiple of the larger peak of live bytes", parseHeap, "grow")
    .option("--seed <number>", "for workloads", parseSeed, 1)
    .option(
      "--event <number>",
      "draw the heap around this event instead, from 0; one policy will do",
      parseEvent,
    )
    .action(bisect);
}

async function bisect(inputs: string[], options: BisectOptions): Promise<void> {
  const { policy: policies, event: chosen } = options;
  for (const [what, list] of Object.entries({ inputs, policies }))
    if (list.length > 2) throw new Error(`${list.length} ${what} are given; bisect takes one or two`);
  const count = Math.max(inputs.length, policies.length);
  if (count === 1 && chosen === undefined)
    throw new Error("there is nothing to compare with: give a second policy, a second input, or an --event");
  const sides = await sidesOf(inputs, options);
  const names = namesOf(inputs, sides);
  const progress = progressLine();
  const told = async <T>(act: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof SideError)) throw error;
      progress.clear();
      const at = sides.indexOf(error.side);
      const [input, policy] = [inputs[at] ?? inputs[0], policies[at] ?? policies[0]];
      process.stderr.write(`heapscape: ${input}: ${blame(error.cause, { policy }, error.side)}\n`);
      process.exitCode = exits.incomplete;
      return undefined;
    }
  };

  if (chosen !== undefined) {
    const most = Math.max(...sides.map(({ trace }) => trace.events));
    if (chosen >= most) throw new OptionError(`there is no event ${chosen}; the last one is ${most - 1}`);
    await told(() => print(`${inputs[0]}: ${eventOf(sides, chosen)}`, sides, names, chosen));
    return;
  }
  const [a, b] = sides;
  await told(async () => {
    const event = await firstDifference(a, b, (share) =>
      progress.show(`${Math.floor(100 * share)}% compared`),
    );
    progress.clear();
    if (event === undefined) {
      const events = a.trace.events.toLocaleString("en-US");
      process.stdout.write(`${inputs[0]}: ${names.join(" and ")} do the same at all ${events} events\n`);
      return;
    }
    const when = event < 0 ? "before the first event" : `first at ${eventOf(sides, event)}`;
    print(`${inputs[0]}: ${names.join(" and ")} differ ${when}`, sides, names, event);
    process.exitCode = exits.regression;
  });
}

/** Both replays; what is given once holds for both. */
async function sidesOf(inputs: readonly string[], options: BisectOptions): Promise<Side[]> {
  const { policy: policies, heap, seed, strict, maxBytes } = options;
  const choices: Choice[] = [];
  for (const policy of policies) choices.push(await loadPolicy(policy));
  for (const input of inputs) checkInput(input);
  const traces: Trace[] = [];
  for (const input of inputs) traces.push(await readInput(input, seed, { strict, maxBytes }));
  const bytes = heapBytes(heap, Math.max(...traces.map(({ peakLiveBytes }) => peakLiveBytes)));
  return Array.from({ length: Math.max(inputs.length, policies.length) }, (_, i) => ({
    ...(choices[i] ?? choices[0]),
    trace: traces[i] ?? traces[0],
    heap: bytes,
  }));
}

/** What tells the sides apart: the policy, or else the input. */
function namesOf(inputs: readonly string[], sides: readonly Side[]): string[] {
  const policies = sides.map(formatChoice);
  if (new Set(policies).size === sides.length) return policies;
  return inputs.length === sides.length ? [...inputs] : policies.map((name, i) => `${name} (${i + 1})`);
}

/** `event 12 (malloc of object 3, 64 bytes)`, in the words of both traces where they differ. */
function eventOf(sides: readonly Side[], event: number): string {
  const said = sides.map(({ trace }) => {
    const chunk = trace.chunks[Math.floor(event / CHUNK_EVENTS)];
    return event < trace.events ? eventInWords(chunk, event % CHUNK_EVENTS) : "none: the trace is over";
  });
  return `event ${event.toLocaleString("en-US")} (${[...new Set(said)].join("; ")})`;
}

function print(title: string, sides: readonly Side[], names: readonly string[], event: number): void {
  const shown = sides.map((side, i) => {
    const { before, after, changes } = momentAt(side, event);
    return { called: names[i], before: before?.space, after: after.space, changes };
  });
  const lines = divergence(shown, objectAt(sides[0].trace, event));
  process.stdout.write(`${title}\n${lines.join("\n")}\n`);
}

function objectAt({ chunks, events }: Trace, event: number): number | undefined {
  if (event < 0 || event >= events) return undefined;
  const { op, id } = chunks[Math.floor(event / CHUNK_EVENTS)];
  const i = event % CHUNK_EVENTS;
  return isObjectless(op[i]) ? undefined : id[i];
}
