/** Cells that failed are named, and the command ends as incomplete. */
import type { Result } from "../engine/result.ts";
import { exits } from "./exits.ts";

export function tellFailures({ failures }: Result): void {
  for (const { message, input } of failures) process.stderr.write(`heapscape: ${input}: ${message}\n`);
  if (failures.length > 0) process.exitCode = exits.incomplete;
}
