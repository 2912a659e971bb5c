/** Files in and out: bad ones are named in one sentence, and a file is written whole or not at all. */
import {
  closeSync,
  createReadStream,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ReadOptions, readTrace } from "../traces/read-trace.ts";
import type { Trace } from "../traces/trace.ts";

/** Throws what is wrong with `file` as something to read. */
export function checkReadable(file: string): void {
  try {
    if (!statSync(file).isDirectory()) return;
  } catch (error) {
    throw inWords(error, file, "read");
  }
  throw new Error(`${file}: it is a directory, not a file`);
}

/** Reads a trace file in whatever format it is. */
export async function readTraceFile(file: string, options: ReadOptions = {}): Promise<Trace> {
  checkReadable(file);
  const stream = createReadStream(file, { highWaterMark: 1 << 18 });
  try {
    return await readTrace(stream, file, options);
  } catch (error) {
    throw inWords(error, file, "read");
  } finally {
    stream.destroy();
  }
}

export async function readTextFile(file: string): Promise<string> {
  checkReadable(file);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw inWords(error, file, "read");
  }
}

/** Whether both names lead to one file. */
export function sameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/**
 * Writes beside the target and renames at the end, so that the target is whole or as it was; in one go, so that
 * Ctrl-C comes before or after it. Devices and pipes are written directly: a rename would put a file in their place.
 */
export function writeWhole(target: string, pieces: Iterable<string | Uint8Array>): void {
  try {
    const old = statSync(target, { throwIfNoEntry: false });
    if (old?.isDirectory()) throw new Error(`${target}: it is a directory, not a file`);
    if (old && !old.isFile()) {
      writeAll(openSync(target, "w"), pieces);
      return;
    }
    const file = old ? realpathSync(target) : target; // through a link, the file that it leads to
    const beside = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
    try {
      writeAll(openSync(beside, "w", old?.mode ?? 0o666), pieces);
      renameSync(beside, file);
    } finally {
      rmSync(beside, { force: true });
    }
  } catch (error) {
    throw inWords(error, target, "write");
  }
}

function writeAll(file: number, pieces: Iterable<string | Uint8Array>): void {
  try {
    for (const piece of pieces) {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }
  } finally {
    closeSync(file);
  }
}

/** What the system says, for people; any other error as it is. */
function inWords(error: unknown, file: string, doing: "read" | "write"): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const words: Readonly<Record<string, string>> = {
    ENOENT: doing === "read" ? "there is no such file" : "there is no such folder",
    ENOTDIR: "a part of the path is no folder",
    EISDIR: "it is a directory, not a file",
    EACCES: `no permission to ${doing} it`,
    ENOSPC: "no space left on the disk",
    ELOOP: "its links go in a circle",
  };
  return new Error(`${file}: ${words[code] ?? `cannot ${doing} it (${code})`}`);
}
