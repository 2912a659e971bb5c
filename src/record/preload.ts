/** The library that is loaded into a recorded program: preload.c, compiled once by the system's own compiler. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The package holds its sources beside what was built of them. */
const SOURCE = join(import.meta.dirname, "../../src/record/preload.c");
const FLAGS = [
  ..."-std=c11 -O2 -fPIC -shared -fvisibility=hidden -fno-builtin -fexceptions -Wall -Wextra".split(" "),
  ..."-pthread -ldl".split(" "),
];
const INSTEAD =
  "elsewhere, record with heaptrack (heaptrack --raw PROGRAM, github.com/KDE/heaptrack), whose files heapscape reads";

/**
 * Path of the compiled library. It is kept in `cache`, by default $XDG_CACHE_HOME/heapscape or ~/.cache/heapscape, under
 * the hash of its source. Throws an Error that says what is missing, and what to use instead.
 */
export function preloadLibrary(cache = defaultCache(), compiler = process.env.CC ?? "cc"): string {
  if (process.platform !== "linux")
    throw new Error(`recording a program needs Linux, and this is ${process.platform}; ${INSTEAD}`);
  const hash = createHash("sha256").update(readFileSync(SOURCE)).update(FLAGS.join(" ")).update(process.arch);
  const library = join(cache, `preload-${hash.digest("hex").slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  mkdirSync(cache, { recursive: true });
  const beside = `${library}.${process.pid}.tmp`;
  try {
    const { error, status, stderr } = spawnSync(compiler, ["-o", beside, SOURCE, ...FLAGS], {
      encoding: "utf8",
    });
    const missing =
      "recording a program needs a C compiler with the C library's headers (Debian: gcc libc6-dev)";
    if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
      throw new Error(`${missing}, and there is no ${compiler}; ${INSTEAD}`);
    if (error) throw error;
    if (status !== 0)
      throw new Error(`${missing}; ${compiler} says: ${stderr.trim().split("\n", 1)[0]}; ${INSTEAD}`);
    renameSync(beside, library);
  } finally {
    rmSync(beside, { force: true });
  }
  return library;
}

const defaultCache = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "heapscape");
