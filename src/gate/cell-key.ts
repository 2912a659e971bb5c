/**
 * A cell's key: what follows `heapscape run` to replay it, from the folder of the configuration.
 *
 *     broker.trace -a first-fit:header=4 --heap 8MiB
 *     workload:mqtt:devices=40 -a glibc --heap 1.5x --seed 1 --repeat 3
 *
 * One line, the same for the same cell however it was asked for.
 */
import { exactSize, parseSize } from "../options/size.ts";

export interface CellName {
  /** A file's path with slashes, or `workload:NAME[:key=value,...]`. */
  readonly input: string;
  /** `NAME[:key=value,...]`, or a file's path and its options: those that differ from their default. */
  readonly policy: string;
  /** As asked for: `grow`, a size, or a multiple. */
  readonly heap: string;
  /** Where the input is generated. */
  readonly seed?: number;
  readonly from?: string;
  readonly repeat?: number | "until-refused";
}

export function cellKey({ input, policy, heap, seed, from, repeat }: CellName): string {
  const parts = [word(input), "-a", word(policy), "--heap", heapText(heap)];
  if (seed !== undefined) parts.push("--seed", String(seed));
  if (from !== undefined) parts.push("--from", word(from));
  if (repeat !== undefined) parts.push("--repeat", String(repeat));
  return parts.join(" ");
}

/** `8MiB` for 8388608 and `8 MiB`. */
export function heapText(heap: string): string {
  const bytes = parseSize(heap);
  return bytes === undefined ? heap : exactSize(bytes);
}

/** As a POSIX shell reads it back: in quotes where it must be. */
export function word(text: string): string {
  return /^[\w./:=,%+@^~-]+$/.test(text) && !text.startsWith("~")
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}
