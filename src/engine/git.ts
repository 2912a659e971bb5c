/** Files of a git repository as they were at a revision. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The text of `REV:FILE`, in git's terms: FILE from the repository's root, or with `./` from `folder`. */
export async function textAt(object: string, folder = "."): Promise<string> {
  try {
    return (await run("git", ["-C", folder, "show", object], { maxBuffer: 2 ** 30 })).stdout;
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === "ENOENT") throw new Error(`${object}: there is no git to read it with`);
    throw new Error(`${object}: ${(stderr || message).trim().replace(/^fatal: /, "")}`);
  }
}
