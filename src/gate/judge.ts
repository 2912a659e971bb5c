/** Holds what was measured against what was expected, by the rules. Data in, data out: nothing is run or read here. */
import { metricOf, worsening } from "../metrics/metric.ts";
import { type BaselineCell, BaselineError } from "./baseline.ts";
import { parseCellKey } from "./cell-key.ts";
import { exceeds, type Limit, type Rules } from "./rules.ts";
import { type Parting, parting } from "./rungs.ts";
import type { Finding, Level, Verdict } from "./verdict.ts";

/** A cell that was measured: with all its figures. */
export interface MeasuredCell extends BaselineCell {
  /** As the configuration names it. */
  readonly input: string;
  /** As the key has it. */
  readonly policy: string;
  readonly events: number;
}

/** A cell that did not end. */
export interface FailedCell {
  readonly input: string;
  /** What went wrong, where. */
  readonly message: string;
}

/** What is held against what. */
export interface Case {
  readonly cells: ReadonlyMap<string, MeasuredCell>;
  readonly failed?: ReadonlyMap<string, FailedCell>;
  readonly expected: ReadonlyMap<string, BaselineCell>;
  /** False where only a part was measured: then nothing has vanished. */
  readonly whole: boolean;
  readonly rules: Rules;
  /** What it is compared with: a file and the version that wrote it. */
  readonly against: string;
  /** The same within a sentence: `since heapscape.baseline.json of Heapscape 0.1.0`. */
  readonly since: string;
  /** Takes over what is new. */
  readonly update?: string;
  /** Takes out what has vanished. */
  readonly prune?: string;
  /** Shows the cell in the page, with event `event` done. */
  readonly show?: (key: string, event: number) => string | undefined;
}

interface Weighed extends Finding {
  /** The more, the worse. */
  readonly weight: number;
}

/** Throws BaselineError where a cell was measured on another trace or with other parameters than were expected. */
export function judge(of: Case): Verdict {
  checkComparable(of);
  const findings: Weighed[] = [];
  let compared = 0;
  let same = 0;
  for (const [key, cell] of of.cells) {
    const was = of.expected.get(key);
    const found = was ? changes(of, key, cell, was) : [newCell(of, key, cell), ...limits(of, key, cell)];
    findings.push(...found);
    if (was) compared++;
    if (found.length === 0) same++;
  }
  for (const [key, { input, message }] of of.failed ?? [])
    findings.push({
      ...{ level: "error", kind: "failed", cell: key, input },
      message: `${key}: ${message}`,
      weight: HEAVIEST,
    });
  for (const key of of.whole ? of.expected.keys() : []) {
    if (of.cells.has(key) || of.failed?.has(key)) continue;
    findings.push(vanished(of, key));
  }
  findings.sort(byLevelAndWeight);
  const failed = findings.some(({ level }) => level === "error");
  return {
    // What takes over what is better would take over what is worse with it.
    findings: findings.map(({ weight: _, command, ...finding }) =>
      command === undefined || (failed && finding.level === "improvement")
        ? finding
        : { ...finding, command },
    ),
    compared,
    same,
    against: of.against,
  };
}

const HEAVIEST = Number.POSITIVE_INFINITY;
const LEVELS: readonly Level[] = ["error", "warning", "improvement"];

const byLevelAndWeight = (a: Weighed, b: Weighed): number =>
  LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
  (a.weight === b.weight ? 0 : b.weight - a.weight) ||
  (a.cell < b.cell ? -1 : a.cell > b.cell ? 1 : 0);

function checkComparable({ cells, expected, against, update }: Case): void {
  const faults: string[] = [];
  for (const key of cells.keys()) {
    const was = expected.get(key);
    if (was && Object.keys(was.metrics).length === 0) faults.push(`it has no figure of ${key}`);
  }
  for (const [key, is] of cells) {
    const was = expected.get(key);
    if (!was) continue;
    if (was.trace !== is.trace)
      faults.push(`${key} replays another trace than before, its hash was ${was.trace} and is ${is.trace}`);
    else if (was.parameters !== is.parameters)
      faults.push(
        `${key} runs with other parameters than before, their hash was ${was.parameters} and is ${is.parameters}`,
      );
  }
  if (faults.length === 0) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more cells)` : "";
  const remedy = update ? `; if that is meant, write it anew with: ${update}` : "";
  throw new BaselineError(`${against} cannot be compared with: ${faults[0]}${more}${remedy}`);
}

/** What is to be said of a cell that both have. */
function changes(of: Case, key: string, is: MeasuredCell, was: BaselineCell): Weighed[] {
  const differs = is.recording !== was.recording;
  const parted = differs && was.ladder && is.ladder ? parting(was.ladder, is.ladder, is.events) : undefined;
  const found = limits(of, key, is, parted);
  let moved = false;
  for (const figure of Object.keys(is.metrics)) {
    if (!of.rules.holds(figure)) continue;
    const before = was.metrics[figure];
    if (before === undefined) found.push(newFigure(of, key, is, figure));
    else if (before !== is.metrics[figure]) {
      moved = true;
      const event = parted ? `; ${where(parted)}` : differs ? "" : "; every block lies where it did";
      const said = change(of, key, is, figure, before, parted, event);
      if (said) found.push(said);
    }
  }
  for (const figure of Object.keys(was.metrics))
    if (of.rules.holds(figure) && is.metrics[figure] === undefined)
      found.push(lostFigure(of, key, is, was, figure));
  if (differs && !moved && found.length === 0)
    found.push({
      ...about(of, key, is, parted, "changed", "warning"),
      metric: "recordingHash",
      was: was.recording,
      is: is.recording,
      message: `${key} places blocks elsewhere ${of.since}, though no figure that is held has changed${parted ? `; ${where(parted)}` : ""}`,
      weight: 0,
    });
  return found;
}

/** A figure that is not what it was; undefined where its rule allows that. */
function change(
  of: Case,
  key: string,
  cell: MeasuredCell,
  figure: string,
  was: number,
  parted: Parting | undefined,
  event: string,
): Weighed | undefined {
  const is = cell.metrics[figure];
  const by = worsening(figure, was, is);
  const { warn, error } = of.rules.allowance(cell.input, cell.policy, figure);
  const tooMuch = error && exceeds(error, was, by) ? error : undefined;
  const much = warn && exceeds(warn, was, by) ? warn : undefined;
  if (by > 0 && !tooMuch && !much) return undefined;
  const level = by < 0 ? "improvement" : tooMuch ? "error" : "warning";
  const limit = tooMuch ?? much;
  const went = `${figure} of ${key} went from ${figureText(was, is)} to ${figureText(is, was)}${share(was, is)} ${of.since}`;
  const allowed = limit ? `; it may ${allowance(limit, figure)}` : ", which is better";
  const finding = about(of, key, cell, parted, "changed", level);
  const command = level === "improvement" ? of.update : finding.command;
  return {
    ...finding,
    metric: figure,
    was,
    is,
    message: `${went}${allowed}${event}`,
    ...(command && { command }),
    weight: was === 0 ? HEAVIEST : Math.abs(by / was),
  };
}

/** Figures outside their bounds. */
function limits(of: Case, key: string, cell: MeasuredCell, parted?: Parting): Weighed[] {
  return Object.entries(cell.metrics).flatMap(([figure, is]) => {
    const { min, max } = of.rules.allowance(cell.input, cell.policy, figure);
    const outside =
      max !== undefined && is > max
        ? `at most ${number(max)}`
        : min !== undefined && is < min
          ? `at least ${number(min)}`
          : undefined;
    if (outside === undefined) return [];
    return {
      ...about(of, key, cell, parted, "limit", "error"),
      metric: figure,
      is,
      message: `${figure} of ${key} is ${number(is)}; it may be ${outside}`,
      weight: HEAVIEST,
    };
  });
}

/** What all findings about a cell that ran have. */
function about(
  of: Case,
  key: string,
  { input }: MeasuredCell,
  parted: Parting | undefined,
  kind: Finding["kind"],
  level: Level,
): Pick<Finding, "level" | "kind" | "cell" | "input" | "command"> {
  const command = of.show?.(key, Math.max(0, parted?.first ?? 0));
  return { level, kind, cell: key, input, ...(command && { command }) };
}

const newCell = ({ against, update }: Case, key: string, { input }: MeasuredCell): Weighed => ({
  level: "warning",
  kind: "new",
  cell: key,
  input,
  message: `${key} is not in ${against}`,
  ...(update && { command: update }),
  weight: 1,
});

const newFigure = (
  { against, update }: Case,
  key: string,
  { input, metrics }: MeasuredCell,
  figure: string,
): Weighed => ({
  level: "warning",
  kind: "new",
  cell: key,
  input,
  metric: figure,
  is: metrics[figure],
  message: `${figure} of ${key} is not in ${against}`,
  ...(update && { command: update }),
  weight: 0,
});

const lostFigure = (
  { against, update }: Case,
  key: string,
  { input }: MeasuredCell,
  { metrics }: BaselineCell,
  figure: string,
): Weighed => ({
  level: "error",
  kind: "vanished",
  cell: key,
  input,
  metric: figure,
  was: metrics[figure],
  message: `${figure} of ${key} is in ${against} and not any more`,
  ...(update && { command: update }),
  weight: HEAVIEST,
});

const vanished = ({ against, prune }: Case, key: string): Weighed => ({
  level: "error",
  kind: "vanished",
  cell: key,
  input: parseCellKey(key).input,
  message: `${key} is in ${against} and not any more`,
  ...(prune && { command: prune }),
  weight: HEAVIEST,
});

const where = ({ first, last }: Parting): string =>
  last < 0
    ? "the two runs differ before the first event"
    : first === last
      ? `the two runs first differ at event ${number(first)}`
      : last === Number.POSITIVE_INFINITY
        ? `the two runs first differ at event ${number(first)} or later`
        : `the two runs first differ between events ${number(Math.max(0, first))} and ${number(last)}`;

function allowance({ relative = 0, absolute = 0 }: Limit, figure: string): string {
  const verb = metricOf(figure)?.worse === "neither" ? "change" : "get worse";
  const parts = [relative > 0 && `${number(100 * relative)}%`, absolute > 0 && number(absolute)].filter(
    Boolean,
  );
  if (parts.length === 0) return `not ${verb}`;
  return `${verb} by ${parts.join(" or ")}${parts.length > 1 ? ", whichever is more" : ""}`;
}

/** ` (+12.5%)` */
function share(was: number, is: number): string {
  if (was === 0 || was < 0 !== is < 0) return "";
  const percent = (100 * (is - was)) / Math.abs(was);
  const text = Math.abs(percent) < 0.1 ? percent.toPrecision(1) : percent.toFixed(1);
  return ` (${percent > 0 ? "+" : ""}${text}%)`;
}

/** Six digits, or all where the other would read the same. */
const figureText = (value: number, other: number): string =>
  number(value) === number(other) ? String(value) : number(value);

/** 12,345 and 0.123457 */
const number = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(6)));
