/** Files in and out: bad ones are named in one sentence, and a file is written whole or not at all. */
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ReadOptions, readTrace } from "../traces/read-trace.ts";
import type { Trace } from "../traces/trace.ts";
import { readingModule } from "./kernel-module.ts";

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
    return await readTrace(stream, file, { compiled: readingModule(), ...options });
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

/** SHA-256 of the file's bytes, in hex. */
export async function fileHash(file: string): Promise<string> {
  checkReadable(file);
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw inWords(error, file, "read");
  }
  return hash.digest("hex");
}

/** Throws unless the file's SHA-256 is `expected`. */
export async function checkHash(file: string, expected: string): Promise<void> {
  const found = await fileHash(file);
  if (found === expected) return;
  const short = (hash: string): string => `${hash.slice(0, 12)}...`;
  throw new Error(
    `${file}: it is not the file that was planned with: its SHA-256 is ${short(found)}, not ${short(expected)}`,
  );
}

/** Throws what can be said against `file` as something to write, before there is anything to be written. */
export function checkWritable(file: string): void {
  identity(file);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${file}: it is a directory, not a file`);
}

/**
 * Equal for two names that lead to one file, also if it is still to be written: device and inode, or else the path
 * behind all links. A device or a pipe is not one file for who reads and who writes; its own name stands for it.
 */
export function identity(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false, bigint: true });
    if (!found) return behindLinks(file);
    return found.isFile() ? `${found.dev}:${found.ino}` : resolve(file);
  } catch (error) {
    throw inWords(error, file, "write");
  }
}

/** Whether both names lead to one file, which is there. */
export const sameFile = (a: string, b: string): boolean => existsSync(a) && identity(a) === identity(b);

/** Where a file lies that `file` names, be it by links that lead nowhere yet. They do not go in a circle. */
function behindLinks(file: string): string {
  const folder = realpathSync(dirname(file));
  const path = join(folder, basename(file), file.endsWith("/") ? "/" : "");
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  const link = readlinkSync(path);
  const to = isAbsolute(link) ? link : `${folder}/${link}`;
  if (!existsSync(dirname(to)))
    throw new Error(`${file}: it is a link to ${link}, whose folder is not there`);
  return behindLinks(to);
}

/** As `openWhole`; in one go, so that Ctrl-C comes before or after it. */
export function writeWhole(target: string, pieces: Iterable<string | Uint8Array>): void {
  const file = openWhole(target);
  try {
    for (const piece of pieces) file.write(piece);
    file.keep();
  } finally {
    file.drop();
  }
}

/** A file that is being written. */
export interface WholeFile {
  write(piece: string | Uint8Array): void;
  /** From now on it is what its name leads to. */
  keep(): void;
  /** Unless it is kept, the target stays as it was. */
  drop(): void;
}

/**
 * Writes beside the target and renames at the end, so that the target is whole or as it was. Through a link, the file
 * that it leads to is written, even if it is not there yet. Devices and pipes are written directly: a rename would put
 * a file in their place.
 */
export function openWhole(target: string): WholeFile {
  const told = <Args extends unknown[], Out>(act: (...args: Args) => Out) => {
    return (...args: Args): Out => {
      try {
        return act(...args);
      } catch (error) {
        throw inWords(error, target, "write");
      }
    };
  };
  const { file, to, from } = told(openBeside)(target);
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    write: told((piece) => {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }),
    keep: told(() => {
      close();
      if (from !== undefined) renameSync(from, to);
    }),
    drop: told(() => {
      close();
      if (from !== undefined) rmSync(from, { force: true });
    }),
  };
}

/** An open file, and where it is to be renamed from; devices and pipes are opened themselves. */
function openBeside(target: string): { file: number; to: string; from?: string } {
  const old = statSync(target, { throwIfNoEntry: false });
  if (old?.isDirectory()) throw new Error(`${target}: it is a directory, not a file`);
  if (old && !old.isFile()) return { file: openSync(target, "w"), to: target };
  const to = old ? realpathSync(target) : behindLinks(target);
  const from = join(dirname(to), `.${basename(to)}.${process.pid}.tmp`);
  return { file: openSync(from, "w", old?.mode ?? 0o666), to, from };
}

/** What the system says, for people; any other error as it is. */
export function inWords(error: unknown, file: string, doing: "read" | "write"): unknown {
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
