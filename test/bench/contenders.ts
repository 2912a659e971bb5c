/** Who takes part: our policies, and the peers that this machine has. Each round is a process of its own. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measured } from "./stopwatch.ts";

export interface Contender {
  readonly name: string;
  /** Exact metrics at every event. Peers have none. */
  readonly metrics: boolean;
  /** A policy of ours, not a peer. */
  readonly ours: boolean;
  /** One round over a packed trace. */
  round(file: string, budgetMs: number): Promise<Measured>;
}

export interface Absent {
  readonly name: string;
  readonly why: string;
}

const run = promisify(execFile);
const here = import.meta.dirname;

async function node(script: string, ...given: readonly string[]): Promise<Measured> {
  const hooks = join(here, "typescript.mjs");
  const { stdout } = await run(process.execPath, ["--import", hooks, join(here, script), ...given]);
  return JSON.parse(stdout);
}

/** A policy of the build in `dist`, by its call: `tlsf`, `first-fit:order=lifo`. */
export function policy(dist: string, call: string, metrics: boolean, name = call): Contender {
  return {
    name,
    metrics,
    ours: true,
    round: (file, budgetMs) =>
      node("replay-policy.ts", dist, file, call, metrics ? "exact" : "bare", `${budgetMs}`),
  };
}

/** Builds what must be built into `made`. */
export async function peers(made: string): Promise<{ present: Contender[]; absent: Absent[] }> {
  const present: Contender[] = [];
  const absent: Absent[] = [];
  const add = async (name: string, make: () => Contender["round"] | Promise<Contender["round"]>) => {
    try {
      present.push({ name, metrics: false, ours: false, round: await make() });
    } catch (error) {
      absent.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  };
  let driver: string | undefined;
  await add("glibc", () => {
    if (!glibcVersion()) throw new Error("the C library is another one");
    driver = compileDriver(made);
    return native(driver);
  });
  for (const [name, file] of PRELOADED)
    await add(name, () => {
      if (driver === undefined) throw new Error("there is no driver to load it into");
      return native(driver, preloadable(file), name);
    });
  await add("assemblyscript-tlsf", async () => {
    const wasm = await compileAssemblyScript(made);
    return (file, budgetMs) => node("replay-peer.ts", "assemblyscript-tlsf", file, `${budgetMs}`, wasm);
  });
  await add(
    "naive-list",
    () => (file, budgetMs) => node("replay-peer.ts", "naive-list", file, `${budgetMs}`),
  );
  await add("thi.ng", () => (file, budgetMs) => node("replay-peer.ts", "thi.ng", file, `${budgetMs}`));
  return { present, absent };
}

/** As Debian's packages libjemalloc2 and libmimalloc2.0 name them. */
const PRELOADED = [
  ["jemalloc", /^libjemalloc\.so\.2$/],
  ["mimalloc", /^libmimalloc\.so\.2(\.\d+)?$/],
] as const;

export function glibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** The C compiler's first line about itself. */
export function compilerVersion(): string | undefined {
  try {
    return execFileSync("cc", ["--version"], { encoding: "utf8" }).split("\n")[0];
  } catch {
    return undefined;
  }
}

function compileDriver(made: string): string {
  const driver = join(made, "native-replay");
  if (compilerVersion() === undefined) throw new Error("there is no C compiler (cc)");
  execFileSync("cc", ["-O2", "-o", driver, join(here, "native-replay.c"), "-ldl"], { stdio: "pipe" });
  return driver;
}

function native(driver: string, preload = "", expected = "libc"): Contender["round"] {
  const env = { ...process.env, LD_PRELOAD: preload };
  return async (file) => {
    const { stdout } = await run(driver, [file], { env });
    const [ns, events, library] = stdout.trim().split(" ");
    if (!library.includes(expected)) throw new Error(`malloc came from ${library}, not from ${expected}`);
    return { ns: Number(ns), events: Number(events), library };
  };
}

/** Where the loader would look, and the folders of LD_LIBRARY_PATH before. */
function preloadable(file: RegExp): string {
  const folders = [...(process.env.LD_LIBRARY_PATH ?? "").split(":"), "/usr/local/lib"];
  if (existsSync("/usr/lib"))
    folders.push(...readdirSync("/usr/lib").map((name) => `/usr/lib/${name}`), "/usr/lib");
  for (const folder of folders) {
    if (folder === "" || !existsSync(folder)) continue;
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      continue; // a file
    }
    const found = names.find((name) => file.test(name));
    if (found) return join(folder, found);
  }
  throw new Error(`no library ${file.source} is installed`);
}

/** The runtime's own functions and nothing else: rt/tlsf.ts of AssemblyScript's standard library. */
const EXPORTS = `
export function malloc(bytes: usize): usize { return __alloc(bytes); }
export function realloc(address: usize, bytes: usize): usize { return __realloc(address, bytes); }
export function free(address: usize): void { __free(address); }
`;

async function compileAssemblyScript(made: string): Promise<string> {
  const { default: compiler } = await import("assemblyscript/asc");
  writeFileSync(join(made, "tlsf.ts"), EXPORTS);
  const given = ["tlsf.ts", "--baseDir", made, "--outFile", "tlsf.wasm", "--runtime", "minimal", "-O3"];
  const { error, stderr } = await compiler.main(given);
  if (error) throw new Error(`${error.message} ${stderr}`);
  return join(made, "tlsf.wasm");
}
