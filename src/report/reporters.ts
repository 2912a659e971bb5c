/** Every reporter. A new one is a file beside this and a line here. */
import { known, OptionError } from "../options/options.ts";
import { chromeTrace } from "./chrome-trace.ts";
import { csv } from "./csv.ts";
import { github } from "./github.ts";
import { htmlPage } from "./html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { parquet } from "./parquet.ts";
import type { Reporter } from "./reporter.ts";
import { svg } from "./svg.ts";
import { text } from "./text.ts";

export const REPORTERS: readonly Reporter[] = [
  text,
  json,
  junit,
  markdown,
  htmlPage,
  csv,
  parquet,
  chromeTrace,
  github,
  svg,
];

export function reporterNamed(name: string): Reporter {
  const found = REPORTERS.find((each) => each.name === name);
  if (found) return found;
  const names = REPORTERS.map((each) => each.name);
  throw new OptionError(`unknown reporter "${name}"${known(name, names)}`);
}
