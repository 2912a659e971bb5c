/** Small C programs, compiled in a folder of their own and recorded by the built command line. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { readTraceFile } from "../../src/engine/files.ts";
import { isBirth, Op, type Trace } from "../../src/traces/trace.ts";
import { type Ended, Folder, MAIN } from "../cli/heapscape.ts";

const PROGRAMS = join(import.meta.dirname, "programs");

const there = (program: string): boolean =>
  spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined;

/** A suite that needs these programs, and Linux. It is skipped where one is missing, unless CI requires them. */
export function describeWith(programs: readonly string[], name: string, body: () => void): void {
  const missing = process.platform === "linux" ? programs.filter((program) => !there(program)) : ["Linux"];
  if (missing.length === 0 || process.env.CI === "true") describe(name, { timeout: 60_000 }, body);
  else describe.skip(`${name} (skipped: no ${missing.join(", no ")})`, body);
}

/** The model's addresses are those of glibc 2.36, whose malloc other releases share in part only. */
export const GLIBC_OF_MODEL =
  spawnSync("getconf", ["GNU_LIBC_VERSION"], { encoding: "utf8" }).stdout?.trim() === "glibc 2.36";

export interface Run extends Ended {
  readonly trace: Trace;
}

/** Started, and to be ended by the test. */
export interface Running {
  readonly process: ChildProcess;
  readonly run: Promise<Run>;
}

export class Recordings extends Folder {
  compile(source: string, ...flags: readonly string[]): void {
    const out = flags.includes("-o") ? [] : ["-o", source.replace(".c", "")];
    const options = [
      "-O1",
      "-g0",
      "-fno-builtin",
      "-w",
      "-pthread",
      join(PROGRAMS, source),
      ...out,
      ...flags,
    ];
    execFileSync("cc", options, { cwd: this.path });
  }

  record(...command: readonly string[]): Promise<Run> {
    return this.start(...command).run;
  }

  /** Records into out.heaptrace; the compiled preload library is kept in this folder. */
  start(...command: readonly string[]): Running {
    rmSync(join(this.path, "out.heaptrace"), { force: true });
    const recorder = spawn(process.execPath, [MAIN, "record", "--out", "out.heaptrace", "--", ...command], {
      cwd: this.path,
      env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: join(this.path, "cache") },
    });
    let [stdout, stderr] = ["", ""];
    recorder.stdout.on("data", (text) => (stdout += text));
    recorder.stderr.on("data", (text) => (stderr += text));
    const run = new Promise<Run>((resolve, reject) => {
      recorder.once("close", (status) => {
        readTraceFile(join(this.path, "out.heaptrace")).then(
          (trace) => resolve({ status: status ?? -1, stdout, stderr, trace }),
          () => reject(new Error(`nothing was recorded: ${stderr}`)),
        );
      });
    });
    return { process: recorder, run };
  }
}

/**
 * The recorded addresses less the offsets that the model of glibc gives: one base if all agree. Blocks that are mapped by
 * themselves have none.
 */
export async function placesIn(
  folder: Folder,
  trace: Trace,
): Promise<{ mapped: number; bases: Set<number> }> {
  const { stdout } = await folder.heapscape("offsets", "out.heaptrace", "-a", "glibc");
  const places = stdout.trim().split("\n");
  const bases = new Set<number>();
  let mapped = 0;
  let at = 0;
  for (const { events, op, recorded } of trace.chunks)
    for (let i = 0; i < events; i++) {
      if (op[i] === Op.free) continue;
      const [, offset] = places[at++].split(" ");
      if (offset === "m") mapped++;
      else bases.add(recorded!.address[i] - Number(offset));
    }
  if (at !== places.length) throw new Error(`${places.length} places of ${at} requests`);
  return { mapped, bases };
}

/** Innermost frame of the call site. */
export const frameOf = (trace: Trace, site: number): string => trace.sites.stack(site)[0] ?? "";

/**
 * `OP ADDRESS BYTES` of each request that `module` made itself, in order; a free is its that frees what it asked for.
 */
export function requestsOf(trace: Trace, module: string): string[] {
  const lines: string[] = [];
  const addresses = new Map<number, number>();
  for (const { events, op, row, bytes, recorded } of trace.chunks)
    for (let i = 0; i < events; i++) {
      const address = recorded?.address[i] ?? 0;
      const own = frameOf(trace, recorded?.site[i] ?? 0).endsWith(`(${module})`);
      if (op[i] === Op.free) {
        if (addresses.has(row[i])) lines.push(`free ${addresses.get(row[i])} 0`);
        addresses.delete(row[i]);
      } else if (own || (op[i] === Op.reallocate && addresses.has(row[i]))) {
        addresses.set(row[i], address);
        const name = isBirth(op[i]) ? ["malloc", "calloc", "memalign"][op[i]] : "realloc";
        lines.push(`${name} ${address} ${bytes[i]}`);
      }
    }
  return lines;
}

/** Events by operation, of objects that `module` asked for. */
export function countsOf(trace: Trace, module: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of requestsOf(trace, module)) {
    const name = line.slice(0, line.indexOf(" "));
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
