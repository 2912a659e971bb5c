/** A front as a chart of characters: letters are the cells on it, dots the others; a list below says which letter is which. */
import { metricText, placeOf } from "./figures.ts";
import { type Axes, type Front, scaleOf } from "./pareto.ts";
import type { ReportSettings } from "./reporter.ts";
import { table } from "./table.ts";

const WIDTH = 60;
const HEIGHT = 16;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function chartOf(
  { input, best, rest, refused }: Front,
  [x, y]: Axes,
  { paint }: ReportSettings,
): string {
  const cells = [...rest, ...best];
  const lines = [paint("bold", `${y} over ${x}`) + paint("dim", `  ${input}`), ""];
  if (cells.length === 0) return `${[...lines, "Every cell refused requests."].join("\n")}\n`;
  const across = scaleOf(cells.map(({ metrics }) => metrics[x]));
  const up = scaleOf(cells.map(({ metrics }) => metrics[y]));
  const rows = Array.from({ length: HEIGHT }, () => Array<string>(WIDTH).fill(" "));
  const put = (index: number, mark: string): void => {
    const { metrics } = cells[index];
    const row = HEIGHT - 1 - Math.round(up(metrics[y]) * (HEIGHT - 1));
    rows[row][Math.round(across(metrics[x]) * (WIDTH - 1))] = mark;
  };
  for (let i = 0; i < rest.length; i++) put(i, paint("dim", "."));
  const letter = (i: number): string => LETTERS[i] ?? "+";
  // The first of several in one place is seen.
  for (let i = best.length - 1; i >= 0; i--) put(rest.length + i, paint("green", letter(i)));

  const ends = (name: string) => {
    const all = cells.map(({ metrics }) => metrics[name]);
    return [Math.min(...all), Math.max(...all)].map((value) => metricText(name, value));
  };
  const [low, high] = ends(y);
  const margin = Math.max(low.length, high.length);
  const label = (row: number): string => (row === 0 ? high : row === HEIGHT - 1 ? low : "").padStart(margin);
  lines.push(...rows.map((row, i) => `${paint("dim", `${label(i)} |`)} ${row.join("").trimEnd()}`));
  const [left, right] = ends(x);
  lines.push(paint("dim", `${" ".repeat(margin)} +${"-".repeat(WIDTH + 1)}`));
  lines.push(paint("dim", `${" ".repeat(margin + 3)}${left}${right.padStart(WIDTH - left.length)}`), "");
  const columns = [
    { title: "", align: "left" as const },
    { title: "on the front", align: "left" as const },
    { title: x, align: "right" as const },
    { title: y, align: "right" as const },
  ];
  const listed = best.map((cell, i) => [
    letter(i),
    placeOf(cell.called, cell.heap),
    metricText(x, cell.metrics[x]),
    metricText(y, cell.metrics[y]),
  ]);
  lines.push(...table(columns, listed));
  const others = [
    ...(rest.length > 0 ? [`${rest.length} behind it`] : []),
    ...(refused > 0 ? [`${refused} left out that refused requests`] : []),
  ];
  if (others.length > 0) lines.push("", paint("dim", `${others.join(", ")}.`));
  return `${lines.join("\n")}\n`;
}
