import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { METRICS } from "../../src/metrics/metric.ts";
import type { Options } from "../../src/options/options.ts";
import { csv } from "../../src/report/csv.ts";
import { parquet, parquetOf } from "../../src/report/parquet.ts";
import type { Report } from "../../src/report/reporter.ts";
import { cell, EMPTY, FAILED, NASTY, PLAIN } from "./reports.ts";

const REPORT: Report = {
  cells: [
    cell(
      "first-fit:header=8",
      4096,
      { "externalFragmentation.mean": 0.1 + 0.2 },
      {
        input: NASTY,
        options: { header: 8 } as unknown as Options,
        repeat: { rounds: 3 },
        fidelity: "partial",
      },
    ),
    cell("best-fit", "grow", { later: 7 }),
  ],
  failures: FAILED.failures,
};

/** RFC 4180, read by its grammar. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    for (let more = true; more; ) {
      const [whole, quoted, bare = "", end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(
        text.slice(at),
      )!;
      row.push(quoted?.replaceAll('""', '"') ?? bare);
      at += whole.length;
      more = end === ",";
    }
    rows.push(row);
  }
  return rows;
}

describe("the CSV report", () => {
  const [names, ...rows] = read(csv.write(REPORT, PLAIN));
  const at = (row: number, name: string) => rows[row][names.indexOf(name)];

  it("has a row for each cell and failure, and every metric as a column", () => {
    expect(rows.map((row) => row.length)).toEqual([names.length, names.length, names.length]);
    expect(names.slice(0, 4)).toEqual(["input", "traceHash", "policy", "called"]);
    for (const { name, when } of METRICS)
      for (const end of when === "total" ? [""] : ["", ".mean", ".max", ".last"])
        expect(names).toContain(`${name}${end}`);
    expect(names.at(-1)).toBe("later");
  });

  it("quotes what it must, and loses no digit", () => {
    expect(at(0, "input")).toBe(NASTY);
    expect(JSON.parse(at(0, "options"))).toEqual({ header: 8 });
    expect(Number(at(0, "externalFragmentation.mean"))).toBe(0.1 + 0.2);
  });

  it("leaves empty what there is not", () => {
    expect([at(0, "heap"), at(1, "heap"), at(0, "rounds"), at(1, "rounds")]).toEqual(["4096", "", "3", ""]);
    expect([at(0, "later"), at(1, "later")]).toEqual(["", "7"]);
    expect([at(2, "failure"), at(2, "called"), at(2, "peakHeapBytes")]).toEqual([
      FAILED.failures[0].message,
      "./mine.ts",
      "",
    ]);
    expect(read(csv.write(EMPTY, PLAIN))).toHaveLength(1);
  });
});

describe("the Parquet report", () => {
  const file = (report: Report): ArrayBuffer => parquet.write(report, PLAIN).buffer as ArrayBuffer;

  it("has the values of the CSV, with their types", async () => {
    const objects = await parquetReadObjects({ file: file(REPORT) });
    const [names, ...rows] = read(csv.write(REPORT, PLAIN));
    expect(objects.map((object) => Object.values(object).map((value) => String(value ?? "")))).toEqual(rows);
    expect(Object.keys(objects[0])).toEqual(names);
    expect(objects[0]).toMatchObject({
      heap: 4096n,
      events: 12_345n,
      "externalFragmentation.mean": 0.1 + 0.2,
    });
    expect(objects[1]).toMatchObject({ heap: null, refusedInRound: null, later: 7 });
  });

  it("says what wrote it, and is the same for the same result", () => {
    expect(parquetMetadata(file(REPORT)).created_by).toBe("heapscape version 1.2.3");
    expect(Buffer.from(file(REPORT)).equals(Buffer.from(file(REPORT)))).toBe(true);
  });

  it("has its columns without rows too", async () => {
    const [names] = read(csv.write(EMPTY, PLAIN));
    expect(parquetMetadata(file(EMPTY)).schema.map(({ name }) => name)).toEqual(["root", ...names]);
    expect(await parquetReadObjects({ file: file(EMPTY) })).toEqual([]);
  });

  it("takes any records, many of them", async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => [`n${i % 7}`, i % 3 === 0 ? null : i, i / 7]);
    const columns = [
      { name: "name", type: "text" },
      { name: "count", type: "integer" },
      { name: "share", type: "number" },
    ] as const;
    const objects = await parquetReadObjects({
      file: parquetOf({ columns, rows }, "1").buffer as ArrayBuffer,
    });
    expect(
      objects.map(({ name, count, share }) => [name, count === null ? null : Number(count), share]),
    ).toEqual(rows);
  });
});
