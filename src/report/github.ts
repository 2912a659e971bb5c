/**
 * Annotations of GitHub Actions: workflow commands, which a runner reads out of what a step prints
 * (docs.github.com/actions/reference/workflow-commands-for-github-actions); and the summary of the step.
 */
import type { Failure } from "../engine/result.ts";
import type { Finding, Level } from "../gate/verdict.ts";
import { markdownOf } from "./markdown.ts";
import type { Report, Reporter, ReportSettings } from "./reporter.ts";
import { counted } from "./verdict-sum.ts";

/** Annotations of one level that a step may have: what comes after them is dropped. */
const MOST = 10;

/** Bytes that the summary of a step may have: 1 MiB, or the whole of it is dropped. */
const SUMMARY = 1 << 20;

export const github: Reporter<string> = {
  name: "github",
  summary:
    "for GitHub Actions: annotations, and the summary of the step; by itself where GITHUB_ACTIONS is true",
  write: annotations,
};

/** `written` bytes are in the step's summary already. */
export const summaryOf = (report: Report, written: number): string =>
  markdownOf(report, Math.max(SUMMARY - 1 - written, 0));

const COMMANDS: Readonly<Record<Level, string>> = {
  error: "error",
  warning: "warning",
  improvement: "notice",
};

function annotations({ verdict, failures }: Report, settings: ReportSettings): string {
  const findings = verdict?.findings ?? failures.map(finding);
  return (["error", "warning", "improvement"] as const)
    .flatMap((level) => {
      const own = findings.filter((each) => each.level === level);
      const rest = own.length - MOST;
      return [
        ...own.slice(0, MOST).map((each) => annotation(each, settings)),
        ...(rest > 0 ? [`heapscape: ${counted(rest, level)} more: see the summary of the step`] : []),
      ].map((line) => `${line}\n`);
    })
    .join("");
}

const finding = ({ input, policy, message }: Failure): Finding => ({
  level: "error",
  kind: "failed",
  cell: `${input} ${policy}`,
  input,
  message,
});

function annotation(
  { level, kind, input, metric, message, command }: Finding,
  { path }: ReportSettings,
): string {
  const properties = [
    ...(input.startsWith("workload:") ? [] : [`file=${property(path?.(input) ?? input)}`]),
    `title=${property(`Heapscape: ${metric === undefined ? `cell ${kind}` : `${metric} ${kind}`}`)}`,
  ];
  const text = command === undefined ? message : `${message}\n${command}`;
  return `::${COMMANDS[level]} ${properties.join(",")}::${data(text)}`;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
