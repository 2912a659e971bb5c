/** What real collectors did with a trace, as test/fixtures/runtimes/PROVENANCE.md describes it, and what a model does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { Offsets } from "../../src/report/offsets.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";

/** `gc 3 full`, and where each object is: `17 old 997120`, sorted. */
export interface Block {
  readonly name: string;
  readonly places: readonly string[];
}

export interface Run {
  readonly trace: string;
  readonly tracePath: string;
  readonly path: string;
}

/** The runs of `directory`/`folder`. */
export function runsOf(directory: string, folder: string): Run[] {
  return readdirSync(`${directory}/${folder}`)
    .sort()
    .map((file) => {
      const trace = file.replace(/\.txt\.gz$/, "");
      const plain = `${directory}/traces/${trace}.txt`;
      const tracePath = existsSync(plain) ? plain : `${plain}.gz`;
      return { trace, tracePath, path: `${directory}/${folder}/${file}` };
    });
}

export const textOf = (path: string): string => gunzipSync(readFileSync(path)).toString("latin1");

/** The blocks behind collections. */
export function blocksOf(text: string): Block[] {
  const blocks: { name: string; places: string[] }[] = [];
  let places: string[] | undefined;
  for (const line of text.split("\n")) {
    const name = /^# (gc \d+ \S+)/.exec(line)?.[1];
    if (name !== undefined) {
      places = [];
      blocks.push({ name, places });
    } else if (/^# \S/.test(line)) places = undefined;
    else if (line !== "" && !line.startsWith("#")) places?.push(line);
  }
  for (const block of blocks) block.places.sort();
  return blocks;
}

/** The policy for a HotSpot run: how it was when the trace began is in the table's header. */
export function hotspotChoice(name: string, head: string, more = ""): string {
  const [, settled] = /top eden 0 from\(s\d\) 0 old (\d+)/.exec(head) ?? [];
  const [, roots] = /root-table old (\d+)/.exec(head) ?? [];
  const young = [...head.matchAll(/-Xmn(\d+)m/g)].at(-1)?.[1];
  return `${name}:young=${young}MiB,settled=${settled},roots=${roots},fulls=5${more}`;
}

export const readRun = (path: string): Promise<Trace> => readTrace(readFileSync(path), path);

/** The collections of a model, as `heapscape offsets` prints them. */
export function modelled(choice: string, trace: Trace, heap: number, validateEvery = 0): Block[] {
  const replay = new Replay({ ...choosePolicy(choice), heap, record: false, validateEvery });
  let text = "";
  const lines = new Offsets(replay, (more) => {
    text += more;
  });
  replay.prepare(trace);
  for (const chunk of trace.chunks) lines.feed(chunk);
  lines.flush();
  return blocksOf(text);
}

/** The first place that differs, in words; "" if none does. */
export function difference(real: readonly Block[], model: readonly Block[]): string {
  for (const [i, { name, places }] of real.entries()) {
    if (model[i]?.name !== name) return `${name} is ${model[i]?.name} in the model`;
    const at = places.findIndex((place, k) => place !== model[i].places[k]);
    if (at >= 0) return `${name}: real "${places[at]}", model "${model[i].places[at]}"`;
    if (model[i].places.length > places.length)
      return `${name}: the model has "${model[i].places[places.length]}"`;
  }
  return model.length > real.length ? `${model[real.length].name} is in the model only` : "";
}
