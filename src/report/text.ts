/**
 * The result as a table for people, and under it, for each cell that refused something, why it did so first; then the
 * fronts that were asked for, what searches found (of whose cells only the first and the best have a row), and what a
 * comparison came to.
 */
import type { Cell, Failure, Repeated } from "../engine/result.ts";
import type { Verdict } from "../gate/verdict.ts";
import { formatSize } from "../options/size.ts";
import { placeOf } from "./figures.ts";
import { endsOf, minimizedText } from "./minimized.ts";
import { frontsOf } from "./pareto.ts";
import { chartOf } from "./pareto-chart.ts";
import type { Report, Reporter, ReportSettings, Tone } from "./reporter.ts";
import { type Column, table } from "./table.ts";
import { sumOf } from "./verdict-sum.ts";

interface Field extends Column {
  readonly text: (cell: Cell) => string;
  /** Left out where it has nothing to say of any cell. */
  readonly when?: (cell: Cell) => boolean;
}

const number = (value: number): string => value.toLocaleString("en-US");
const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)}%`;
const right = (title: string, text: Field["text"], when?: Field["when"]): Field => ({
  title,
  align: "right",
  text,
  ...(when && { when }),
});
const refuses = ({ metrics }: Cell): boolean => metrics.refusals > 0;
const repeats = ({ repeat }: Cell): boolean => repeat !== undefined;
const collects = ({ metrics }: Cell): boolean => metrics.collections > 0;

const FIELDS: readonly Field[] = [
  { title: "policy", align: "left", text: ({ called }) => called },
  right("rounds", ({ repeat }) => (repeat ? number(repeat.rounds) : "-"), repeats),
  right("heap", ({ heap }) => (heap === "grow" ? "grow" : formatSize(heap))),
  right("peak live", ({ metrics }) => formatSize(metrics.peakLiveBytes)),
  right("peak heap", ({ metrics }) => formatSize(metrics.peakHeapBytes)),
  right("ext. frag", ({ metrics }) => percent(metrics["externalFragmentation.mean"])),
  right("max", ({ metrics }) => percent(metrics["externalFragmentation.max"])),
  right("int. frag", ({ metrics }) => percent(metrics["internalFragmentation.mean"])),
  right("collections", ({ metrics }) => number(metrics.collections), collects),
  right("moves", ({ metrics }) => number(metrics.moves), collects),
  right("moved", ({ metrics }) => formatSize(metrics.movedBytes), collects),
  right("refused", ({ metrics }) => number(metrics.refusals)),
  right("exhausted", ({ metrics }) => number(metrics.exhausted), refuses),
  right("fragmented", ({ metrics }) => number(metrics.fragmented), refuses),
  right("by policy", ({ metrics }) => number(metrics.policyRefusals), refuses),
  right("first at", (cell) => (refuses(cell) ? number(cell.metrics.firstRefusalEvent) : "-"), refuses),
];

export const text: Reporter<string> = {
  name: "text",
  summary: "for people: a table, and why a request was refused",
  write,
};

function write(report: Report, settings: ReportSettings): string {
  const { failures, verdict, axes, minimized } = report;
  const cells = minimized ? endsOf(minimized) : report.cells;
  const inputs = [...new Set([...cells, ...failures].map(({ input }) => input))];
  const sections = inputs.map((input) => {
    const own = <T extends Cell | Failure>(all: readonly T[]) => all.filter((each) => each.input === input);
    return section(input, own(cells), own(failures), settings);
  });
  const charts = axes ? frontsOf(report.cells, axes).map((front) => chartOf(front, axes, settings)) : [];
  const found = minimized ? [minimizedText(minimized, settings)] : [];
  return [...sections, ...charts, ...found, ...(verdict ? [judgement(verdict, settings)] : [])].join("\n");
}

function section(
  input: string,
  cells: readonly Cell[],
  failures: readonly Failure[],
  { paint }: ReportSettings,
): string {
  const lines: string[] = [];
  const [first] = cells;
  if (first) {
    const from = first.from === undefined ? "" : `, counted from event ${number(first.from)} on`;
    const events = `${number(roundOf(first))} events${repeats(first) ? " a round" : ""}`;
    lines.push(paint("bold", input) + paint("dim", `  ${events}${from}`), "");
    const fields = FIELDS.filter(({ when }) => !when || cells.some(when));
    const rows = cells.map((cell) => fields.map(({ text }) => text(cell)));
    const [titles, ...body] = table(fields, rows);
    lines.push(paint("dim", titles), ...body);
  } else lines.push(paint("bold", input));
  const why = cells.flatMap((cell) =>
    [fitness(cell), agreement(cell), whyRefused(cell)].filter((line) => line !== undefined),
  );
  if (why.length > 0) lines.push("", ...why.map((line) => paint("yellow", line)));
  if (failures.length > 0)
    lines.push(
      "",
      ...failures.map(({ policy }) => paint("red", `${policy} failed; there is no row for it.`)),
    );
  return `${lines.join("\n")}\n`;
}

const TONES = { error: "red", warning: "yellow", improvement: "green" } as const satisfies Record<
  string,
  Tone
>;

function judgement(verdict: Verdict, { paint }: ReportSettings): string {
  const lines = verdict.findings.flatMap(({ level, message, command }) => [
    `${paint(TONES[level], level)}: ${message}`,
    ...(command === undefined ? [] : [paint("dim", `  ${command}`)]),
  ]);
  return `${[...lines, paint("bold", sumOf(verdict))].join("\n")}\n`;
}

/** Events of a round. */
const roundOf = ({ events, repeat }: Cell): number => events / (repeat?.rounds ?? 1);

/** Why the cell's first request was refused, or that none was though it was waited for. */
export function whyRefused(cell: Cell): string | undefined {
  const refusal = cell.firstRefusal;
  if (!refusal) return cell.repeat && endurance(cell, cell.repeat);
  const { event, bytes, need, holeBytes, largestHole, controlBytes } = refusal;
  const round = cell.repeat?.refusedInRound;
  const when =
    round === undefined
      ? number(event)
      : `${number(event)} (event ${number(event % roundOf(cell))} of round ${number(round)})`;
  const what = `${placeOf(cell.called, cell.heap)} first refused event ${when}: ${number(bytes)} bytes were asked for`;
  const block = need === bytes ? "" : `, which takes a block of ${number(need)}`;
  const free = `${number(holeBytes)} bytes were free`;
  const said = refusal.reason ? ` In its own words: ${refusal.reason}.` : "";
  switch (refusal.kind) {
    case "exhausted": {
      const own = controlBytes > 0 ? `, and ${number(controlBytes)} are set aside by the policy` : "";
      return `${what}${block}; only ${free}${own}.`;
    }
    case "fragmented":
      return `${what}${block}; ${free}, but the largest hole was ${number(largestHole)}.`;
    case "policy":
      return `${what}${block}; a hole of ${number(largestHole)} was free, which this policy cannot use for it.${said}`;
  }
}

/** How the heap was found. */
function fitness({ called, heap, fit }: Cell): string | undefined {
  if (!fit) return undefined;
  const { granule, probes, safeHeap, overLive } = fit;
  const safe =
    safeHeap === undefined
      ? "the largest of them refuses something as well"
      : `every one from ${number(safeHeap)} bytes on refuses nothing`;
  return (
    `${called} refuses nothing in ${number(Number(heap))} bytes, ${overLive.toFixed(3)} times the peak of live bytes, and ` +
    `something in ${number(granule)} less; of ${number(probes)} heaps that were tried ${safe}.`
  );
}

/** How many recorded addresses are the policy's. */
function agreement(cell: Cell): string | undefined {
  if (!cell.addresses) return undefined;
  const { compared, matched, first } = cell.addresses;
  const rate = `${placeOf(cell.called, cell.heap)} has ${number(matched)} of ${number(compared)} requests (${percent(matched / compared)}) where they were recorded`;
  if (!first) return `${rate}.`;
  const { event, bytes, recorded, placed } = first;
  const here = placed < 0 ? "refused" : `at ${number(placed)}`;
  return `${rate}; the first that differs is event ${number(event)}, of ${number(bytes)} bytes: recorded at ${number(recorded)} from the heap's start, here ${here}.`;
}

/** What came of rounds in which nothing was refused. */
function endurance(cell: Cell, { rounds, steadyFrom, capped }: Repeated): string | undefined {
  const most = capped ? ", the most that are run" : "";
  const steady =
    steadyFrom === undefined
      ? ""
      : `; from round ${number(steadyFrom)} on each left the heap as the one before had, block for block`;
  return steady || most
    ? `${placeOf(cell.called, cell.heap)} refused nothing in ${number(rounds)} rounds${most}${steady}.`
    : undefined;
}
