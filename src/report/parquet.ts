/** The result as Parquet, for DuckDB and data frames: what CSV has, with its types. */
import { parquetWriteBuffer } from "hyparquet-writer";
import { type RecordColumn, type Records, recordsOf } from "./records.ts";
import type { Reporter } from "./reporter.ts";

export const parquet: Reporter<Uint8Array> = {
  name: "parquet",
  file: true,
  summary: "for DuckDB and data frames: the rows and columns of csv, with their types",
  write: (report, { version }) => parquetOf(recordsOf(report), version),
};

const TYPES = { text: "STRING", integer: "INT64", number: "DOUBLE" } as const;

/** Any records as a Parquet file, compressed with Snappy; equal for equal records. */
export function parquetOf({ columns, rows }: Records, version: string): Uint8Array {
  const columnData = columns.map(({ name, type }, i) => ({
    name,
    type: TYPES[type],
    data: rows.map((row) => stored(type, row[i])),
    nullable: true,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: `heapscape version ${version}` }));
}

/** Columns of 64-bit integers are written from bigints. */
const stored = (type: RecordColumn["type"], value: Records["rows"][number][number]) =>
  type === "integer" && value !== null ? BigInt(value) : value;
