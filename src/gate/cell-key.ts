/**
 * A cell's key: what follows `heapscape run` to replay it, from the folder of the configuration.
 *
 *     broker.trace -a first-fit:header=4 --heap 8MiB
 *     workload:mqtt:devices=40 -a glibc --heap 1.5x --seed 1 --repeat 3
 *
 * One line, the same for the same cell however it was asked for.
 */
import { isMultiple } from "../options/heap.ts";
import { exactSize, parseSize } from "../options/size.ts";

export interface CellName {
  /** A file's path with slashes, or `workload:NAME[:key=value,...]`. */
  readonly input: string;
  /** `NAME[:key=value,...]`, or a file's path and its options: those that differ from their default. Left out where two are compared. */
  readonly policy?: string;
  /** As asked for: `grow`, a size, or a multiple. */
  readonly heap: string;
  /** Where the input is generated. */
  readonly seed?: number;
  readonly from?: string;
  readonly repeat?: number | "until-refused";
}

export function cellKey({ input, policy, heap, seed, from, repeat }: CellName): string {
  const parts = [word(input)];
  if (policy !== undefined) parts.push("-a", word(policy));
  parts.push("--heap", heapText(heap));
  if (seed !== undefined) parts.push("--seed", String(seed));
  if (from !== undefined) parts.push("--from", word(from));
  if (repeat !== undefined) parts.push("--repeat", String(repeat));
  return parts.join(" ");
}

/** What `cellKey` made a key of. Of a text that is no key, the first word is the input. */
export function parseCellKey(key: string): CellName {
  const [input = key, ...rest] = words(key);
  const given = new Map<string, string>();
  for (let i = 0; i + 1 < rest.length; i += 2) given.set(rest[i], rest[i + 1]);
  const [policy, seed, from, repeat] = ["-a", "--seed", "--from", "--repeat"].map((name) => given.get(name));
  return {
    input,
    ...(policy !== undefined && { policy }),
    heap: given.get("--heap") ?? "",
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(from !== undefined && { from }),
    ...(repeat !== undefined && { repeat: repeat === "until-refused" ? repeat : Number(repeat) }),
  };
}

/** `8MiB` for 8388608 and `8 MiB`, `1.5x` for `1.50x`. */
export function heapText(heap: string): string {
  if (isMultiple(heap)) return `${Number(heap.slice(0, -1))}x`;
  const bytes = parseSize(heap);
  return bytes === undefined ? heap : exactSize(bytes);
}

/** As a POSIX shell reads it back: in quotes where it must be. */
export function word(text: string): string {
  return /^[\w./:=,%+@^~-]+$/.test(text) && !text.startsWith("~")
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The texts of which `word` made a line's words. */
const words = (line: string): string[] =>
  (line.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? []).map((each) =>
    each.replaceAll(/'([^']*)'|\\'/g, (_, quoted) => quoted ?? "'"),
  );
