/** Saves pictures and figures as files. */
import { resultJson, seriesCsv } from "../exports/figures.ts";
import { mapsPng, mapsSvg } from "../exports/pictures.ts";
import { problem, trace } from "../state/session.ts";
import { Sheet } from "./sheet.tsx";

const FORMATS: readonly {
  readonly suffix: string;
  readonly name: string;
  readonly about: string;
  readonly type: string;
  readonly make: () => string | Blob | Promise<string | Blob>;
}[] = [
  { suffix: "png", name: "PNG", about: "the maps, as they are", type: "image/png", make: mapsPng },
  {
    suffix: "svg",
    name: "SVG",
    about: "the maps, block by block where there are not too many",
    type: "image/svg+xml",
    make: mapsSvg,
  },
  {
    suffix: "csv",
    name: "CSV",
    about: "every series of every policy, for a spreadsheet",
    type: "text/csv",
    make: seriesCsv,
  },
  {
    suffix: "json",
    name: "JSON",
    about: "the figures, as heapscape run --reporter json writes them",
    type: "application/json",
    make: resultJson,
  },
];

export function Save() {
  return (
    <span class="picker save">
      <Sheet label="Save…">
        {() => (
          <ul class="formats">
            {FORMATS.map(({ suffix, name, about, type, make }) => (
              <li key={suffix}>
                <button type="button" onClick={() => save(suffix, type, make)}>
                  {name}
                </button>
                <span>{about}</span>
              </li>
            ))}
          </ul>
        )}
      </Sheet>
    </span>
  );
}

async function save(
  suffix: string,
  type: string,
  make: () => string | Blob | Promise<string | Blob>,
): Promise<void> {
  try {
    const made = await make();
    const url = URL.createObjectURL(new Blob([made], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${stem()}.${suffix}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    problem.value = `${stem()}.${suffix} could not be saved: ${(error as Error).message}`;
  }
}

/** The trace's name without what file names do not like. */
const stem = (): string => `heapscape-${(trace.value?.name ?? "").replace(/[^\w.-]+/g, "-")}`;
