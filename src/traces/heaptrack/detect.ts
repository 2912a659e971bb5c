/** How heaptrack's two kinds of files are told apart: both begin with `v VERSION FORMAT`. */
import { firstLines } from "../recorders/read-lines.ts";

/** Only interpreted files have strings and instructions, and nothing but raw ones an executable or modules. */
export function heaptrackKind(head: Uint8Array): "raw" | "interpreted" | undefined {
  const [first = "", ...lines] = firstLines(head);
  if (!/^v [0-9a-f]+( [0-9a-f]+)?$/.test(first)) return undefined;
  return lines.some((line) => /^(s|i|a) /.test(line)) ? "interpreted" : "raw";
}
