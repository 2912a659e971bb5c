/** One sweep at a time in a folder: a file in it names the process that is at work there. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** In the sweep's folder. */
export const LOCK = "lock";

/** Files of locks that this process holds: another one before it may have had its number. */
const held = new Set<string>();

/** Throws where another sweep is at work in the folder. What it returns ends the lock. */
export function lock(folder: string): () => void {
  const file = join(folder, LOCK);
  while (!create(file)) {
    const owner = readOwner(file);
    if (owner === undefined) continue;
    if (!isGone(file, owner)) throw new Error(inWords(folder, file, owner));
    remove(file, owner);
  }
  held.add(file);
  return () => {
    held.delete(file);
    rmSync(file, { force: true });
  };
}

/** Written beside and linked, so that nobody reads half of it. */
function create(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid} ${hostname()}\n`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(own);
  }
}

function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Of a process on another machine nothing is known. */
function isGone(file: string, owner: string): boolean {
  const { pid, host } = parse(owner);
  if (host !== hostname()) return false;
  if (pid === process.pid) return !held.has(file);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Unless somebody else was faster, and it is theirs by now. */
function remove(file: string, owner: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    if (readFileSync(aside, "utf8") !== owner) linkSync(aside, file);
  } finally {
    rmSync(aside);
  }
}

function parse(owner: string): { pid: number; host: string } {
  const [pid, host = ""] = owner.trim().split(" ");
  return { pid: Number(pid), host };
}

function inWords(folder: string, file: string, owner: string): string {
  const { pid, host } = parse(owner);
  const other = `another sweep (process ${pid}${host === hostname() ? "" : ` on ${host}`}) is at work in ${folder}`;
  return host === hostname() ? other : `${other}; if it is not, remove ${file}`;
}
