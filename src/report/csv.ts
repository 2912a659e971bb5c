/** The result as CSV (RFC 4180), for spreadsheets: a row for each cell, every metric a column. */
import { recordsOf } from "./records.ts";
import type { Reporter } from "./reporter.ts";

export const csv: Reporter<string> = {
  name: "csv",
  summary: "for spreadsheets: a row for each cell, every metric a column",
  write(report) {
    const { columns, rows } = recordsOf(report);
    return csvLines([columns.map(({ name }) => name), ...rows]);
  },
};

/** Rows of fields, each ended with CRLF; null is an empty field. */
export const csvLines = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

function field(value: string | number | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
