/** The result as JSON, for programs: its schema is what `heapscape schema result` prints. */
import * as z from "zod/mini";
import type { Cell } from "../engine/result.ts";
import { type Front, frontsOf } from "./pareto.ts";
import type { Reporter } from "./reporter.ts";

/** Goes up when a reader of the one before would misread it. */
export const RESULT_SCHEMA = "heapscape-result-1";

const text = (description: string) => z.string().check(z.describe(description));
const hash = (description: string) => z.string().check(z.regex(/^[0-9a-f]{16}$/), z.describe(description));
const count = (description: string) => z.int().check(z.minimum(0), z.describe(description));
const heap = () =>
  z.union([z.literal("grow"), z.int().check(z.minimum(1))]).check(z.describe("Bytes, or a heap that grew."));

const OPTIONS = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

const CELL = z.strictObject({
  input: text("A trace file, or workload:NAME[:key=value,...]."),
  traceHash: hash("Over the requests: equal for equal requests."),
  policy: text("The policy's name."),
  options: OPTIONS.check(z.describe("Every option of the policy, also those at their default.")),
  heap: heap(),
  events: count("Events that were replayed: those of the trace, in every round."),
  repeat: z.optional(
    z
      .strictObject({
        rounds: z
          .int()
          .check(z.minimum(1), z.describe("How often the trace went into the replay, the heap kept.")),
        untilRefused: z.optional(
          z.literal(true).check(z.describe("Rounds were to go on until a request is refused.")),
        ),
        refusedInRound: z.optional(
          z.int().check(z.minimum(1), z.describe("The first round in which a request was refused, from 1.")),
        ),
        steadyFrom: z.optional(
          z
            .int()
            .check(
              z.minimum(1),
              z.describe(
                "From the end of this round on each left the heap as the one before had, block for block.",
              ),
            ),
        ),
        capped: z.optional(
          z
            .literal(true)
            .check(
              z.describe("Nothing was refused, and there were no more rounds to be had; see run --help."),
            ),
        ),
      })
      .check(z.describe("Where --repeat was asked for.")),
  ),
  from: z.optional(count("The event from which the metrics count; the first one where it is not said.")),
  recordingHash: hash("Over everything that happened to blocks: equal for equal replays, in every engine."),
  fidelity: z.optional(
    z
      .enum(["exact", "partial", "ambiguous", "derived"])
      .check(z.describe("How far the trace is what the program did; exact where it is not said.")),
  ),
  fit: z.optional(
    z
      .strictObject({
        granule: z.int().check(z.minimum(1), z.describe("Bytes. Every heap that was tried is a multiple.")),
        probes: count("Heaps that were tried."),
        safeHeap: z.optional(
          z
            .int()
            .check(
              z.minimum(1),
              z.describe("Bytes. Every heap from here on that was tried refuses nothing."),
            ),
        ),
        overLive: z.number().check(z.describe("The heap over the most bytes that live at once.")),
      })
      .check(z.describe("With `heapscape fit`: the heap is the smallest found that refuses nothing.")),
  ),
  addresses: z.optional(
    z
      .strictObject({
        compared: count("Requests whose address was recorded."),
        matched: count("Of those, requests that the policy placed there."),
        first: z.optional(
          z
            .strictObject({
              event: count("From 0."),
              id: count("Of the object."),
              bytes: count("Asked for."),
              recorded: z.int().check(z.describe("The recorded address less the heap's start.")),
              placed: z.int().check(z.describe("The policy's; -1 if it refused.")),
            })
            .check(z.describe("The first that lies elsewhere.")),
        ),
      })
      .check(z.describe("With --verify, where the trace has addresses.")),
  ),
  metrics: z
    .record(z.string(), z.number())
    .check(z.describe("By name; `heapscape list metrics` says what each is.")),
});

const FAILURE = z.strictObject({
  input: text("As in cells."),
  policy: text("As asked for."),
  heap: z
    .union([heap(), z.templateLiteral([z.number(), "x"])])
    .check(z.describe("As in cells; a multiple as asked for where the trace could not be read.")),
  message: text("What went wrong, where."),
});

const VERDICT = z.strictObject({
  against: text("What the result was compared with."),
  compared: count("Cells that were compared."),
  same: count("Cells of which nothing is to be said."),
  findings: z
    .array(
      z.strictObject({
        level: z
          .enum(["error", "warning", "improvement"])
          .check(z.describe("An error fails the check; an improvement wants a new baseline.")),
        kind: z
          .enum(["changed", "limit", "new", "vanished", "failed"])
          .check(
            z.describe("A figure changed, or is outside its limits; the cell is new, gone, or did not end."),
          ),
        cell: text("The cell's key, as the baseline has it."),
        input: text("As the configuration names it."),
        metric: z.optional(text("Where the finding is about one figure.")),
        was: z.optional(z.union([z.number(), z.string()]).check(z.describe("In what it was compared with."))),
        is: z.optional(z.union([z.number(), z.string()]).check(z.describe("Now."))),
        message: text("One sentence."),
        command: z.optional(text("Shows it, or writes the baseline anew.")),
      }),
    )
    .check(z.describe("Errors first, then warnings, then improvements; the worst of each first.")),
});

export const RESULT = z.strictObject({
  schema: z.literal(RESULT_SCHEMA),
  tool: z.literal("heapscape"),
  version: text("The version that wrote it."),
  cells: z.array(CELL).check(z.describe("One for each input x policy x heap, in the order asked for.")),
  failures: z.optional(
    z.array(FAILURE).check(z.describe("Cells that did not end; left out where there are none.")),
  ),
  pareto: z.optional(
    z
      .strictObject({
        metrics: z.array(z.string()).check(z.length(2), z.describe("The two that stand against each other.")),
        fronts: z
          .array(
            z.strictObject({
              input: text("As in cells."),
              cells: z
                .array(count("Index in cells."))
                .check(z.describe("No other cell is better in one metric and no worse in the other.")),
              refused: count("Cells that were left out because they refused requests."),
            }),
          )
          .check(z.describe("One for each input.")),
      })
      .check(z.describe("With sweep --pareto.")),
  ),
  minimize: z.optional(
    z
      .strictObject({
        metric: text("By which figure cells were compared."),
        searches: z
          .array(
            z.strictObject({
              input: text("As in cells."),
              policy: text("As asked for, with what its options may be."),
              tried: z.int().check(z.minimum(1), z.describe("Cells that were tried.")),
              refused: count("Of those, cells that refused requests: worse than any that did not."),
              failed: count("Of those, cells that failed: worse than all others."),
              ended: z
                .enum(["minimum", "budget"])
                .check(z.describe("No single step from the best cell is better; or there was more to try.")),
              start: z.optional(
                count("Index in cells: with the defaults, or what is nearest; left out where it failed."),
              ),
              best: z.optional(count("Index in cells: the best of those tried; left out where all failed.")),
              changed: OPTIONS.check(z.describe("The best cell's options that differ from the defaults.")),
            }),
          )
          .check(z.describe("Local searches, one for each input x policy x heap.")),
      })
      .check(z.describe("With sweep --minimize; the cells are all that were tried.")),
  ),
  verdict: z.optional(VERDICT.check(z.describe("Where the result was compared with something."))),
});

/** What the JSON holds. */
export type ResultDocument = z.infer<typeof RESULT>;

/** JSON Schema (draft 2020-12) of the JSON. */
export function resultSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(RESULT), title: "Heapscape result" };
}

export const json: Reporter<string> = {
  name: "json",
  summary: "for programs: every metric of every cell",
  write({ cells, failures, verdict, axes, minimized }, { version }) {
    const document: ResultDocument = {
      schema: RESULT_SCHEMA,
      tool: "heapscape",
      version,
      cells: cells.map((cell) => inSchema(CELL, cell)),
      ...(failures.length > 0 && { failures: failures.map((failure) => inSchema(FAILURE, failure)) }),
      ...(axes && { pareto: { metrics: [...axes], fronts: frontsOf(cells, axes).map(indexed(cells)) } }),
      ...(minimized && {
        minimize: {
          metric: minimized.metric,
          searches: minimized.searches.map(({ start, best, ...search }) => ({
            ...search,
            ...(start && { start: cells.indexOf(start) }),
            ...(best && { best: cells.indexOf(best) }),
          })),
        },
      }),
      ...(verdict && { verdict: { ...verdict, findings: [...verdict.findings] } }),
    };
    return `${JSON.stringify(document, null, 2)}\n`;
  },
};

/** A front with its cells by where they are among all. */
const indexed =
  (cells: readonly Cell[]) =>
  ({ input, best, refused }: Front) => ({ input, cells: best.map((cell) => cells.indexOf(cell)), refused });

/** Without what is there for words about it only. */
const inSchema = <T extends object>({ shape }: { readonly shape: object }, value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key in shape)) as T;
