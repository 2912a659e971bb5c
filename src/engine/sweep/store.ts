/**
 * A sweep's folder: `plan.json`, written once, and `results.jsonl`, to which a line is added as soon as a job has come to
 * something. Whatever kills the sweep, what it had is there: only the last line can be half a line, and is dropped.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { checkReadable, inWords, writeWhole } from "../files.ts";
import type { Result } from "../result.ts";
import type { Outcome } from "./engine.ts";
import { LOCK, lock } from "./lock.ts";
import { firstDifference, inCells, type Plan, type PlannedJob } from "./plan.ts";

/** Goes up when a reader of the one before would misread it. */
const PLAN_SCHEMA = "heapscape-plan-1";

/** One of several parts of a plan: the jobs whose place in it, from 0, is `index` - 1 modulo `of`. */
export interface Shard {
  /** 1 .. `of`. */
  readonly index: number;
  readonly of: number;
}

const WHOLE: Shard = { index: 1, of: 1 };

export const jobsOfShard = ({ jobs }: Plan, { index, of }: Shard): PlannedJob[] =>
  jobs.filter((_, at) => at % of === index - 1);

const PLAN = z.object({
  schema: z.literal(PLAN_SCHEMA),
  tool: z.literal("heapscape"),
  version: z.string(),
  search: z.optional(z.literal(true)),
  shard: z.optional(z.object({ index: z.int().check(z.minimum(1)), of: z.int().check(z.minimum(1)) })),
  jobs: z.array(
    z.object({
      id: z.string().check(z.regex(/^c-[0-9a-f]{64}$/)),
      input: z.string(),
      seed: z.number(),
      policy: z.string(),
      heap: z.string(),
      from: z.optional(z.string()),
      repeat: z.optional(z.union([z.number(), z.literal("until-refused")])),
      verify: z.optional(z.boolean()),
      strict: z.optional(z.boolean()),
      maxBytes: z.optional(z.number()),
      inputHash: z.optional(z.string()),
      policyHash: z.optional(z.string()),
    }),
  ),
});

/** What a sweep keeps in its folder. */
export const FILES = ["plan.json", "results.jsonl", LOCK] as const;

/** Whether a folder is a sweep's. */
export const isSweepFolder = (folder: string): boolean => existsSync(join(folder, "plan.json"));

/** What the folder of a sweep is to do. Throws where it is none. */
export function readPlan(folder: string): { plan: Plan; shard: Shard } {
  const file = join(folder, "plan.json");
  checkReadable(file);
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file}: it is no JSON`);
  }
  const read = PLAN.safeParse(found);
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw new Error(`${file}: it is no plan of a sweep: ${path.join(".") || "it"}: ${message}`);
  }
  const { version, jobs, shard, search } = read.data;
  return {
    plan: { version, jobs: jobs as PlannedJob[], ...(search && { search }) },
    shard: shard ?? WHOLE,
  };
}

/** The lines of a folder's results, the half one at the end left out; and the bytes that they take. */
export function readOutcomes(folder: string): { outcomes: Outcome[]; bytes: number } {
  const file = join(folder, "results.jsonl");
  if (!existsSync(file)) return { outcomes: [], bytes: 0 };
  const found = readFileSync(file);
  const bytes = found.lastIndexOf(10) + 1;
  const lines = found.toString("utf8", 0, bytes).split("\n").slice(0, -1);
  const outcomes = lines.map((line, at): Outcome => {
    try {
      const outcome = JSON.parse(line) as Outcome;
      if (typeof outcome.id === "string" && ("cell" in outcome || "failure" in outcome)) return outcome;
    } catch {}
    throw new Error(`${file}: line ${at + 1} is no result of a sweep`);
  });
  return { outcomes, bytes };
}

/** What is known of a sweep so far, in memory and, where there is a folder, in it. */
export class Store {
  /** By the job's id. */
  readonly outcomes = new Map<string, Outcome>();
  private readonly folder: string;
  private file: number | undefined;
  private unlock: (() => void) | undefined;
  /** What the first write that failed threw. */
  private broken: unknown;

  /** Without a folder it is kept in memory only. */
  constructor(folder = "") {
    this.folder = folder;
  }

  /** Makes the folder, or goes on with what is in it. Throws where another sweep is, or is at work on this one. */
  static open(folder: string, plan: Plan, shard: Shard = WHOLE): Store {
    const store = new Store(folder);
    const text = planText(plan, shard);
    const file = join(folder, "plan.json");
    try {
      mkdirSync(folder, { recursive: true });
      store.unlock = lock(folder);
      if (!existsSync(file)) writeWhole(file, [text]);
      else if (readFileSync(file, "utf8") !== text)
        throw new Error(`${folder}: ${otherPlan(folder, plan, shard)}`);
      const { outcomes, bytes } = readOutcomes(folder);
      for (const outcome of outcomes) store.outcomes.set(outcome.id, outcome);
      store.file = openSync(join(folder, "results.jsonl"), "a");
      ftruncateSync(store.file, bytes);
    } catch (error) {
      store.close();
      throw inWords(error, folder, "write");
    }
    return store;
  }

  /** Forgets what failed, so that it is done again. */
  forgetFailures(): void {
    for (const [id, outcome] of this.outcomes) if ("failure" in outcome) this.outcomes.delete(id);
  }

  /** It is in the file when this returns. Once that has failed, nothing more is taken: the file may end with half a line. */
  add(outcome: Outcome): void {
    if (this.broken !== undefined) throw this.broken;
    if (this.file !== undefined) this.write(this.file, `${JSON.stringify(outcome)}\n`);
    this.outcomes.set(outcome.id, outcome);
  }

  private write(file: number, line: string): void {
    const bytes = Buffer.from(line);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } catch (error) {
      this.broken = inWords(error, this.folder, "write");
      throw this.broken;
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    this.unlock?.();
    this.unlock = undefined;
  }

  /** Of those of the jobs that have come to something, in the order of the jobs. */
  result(jobs: readonly PlannedJob[]): Result {
    const own = jobs.flatMap((job) => {
      const outcome = this.outcomes.get(job.id);
      return outcome ? [{ job, outcome }] : [];
    });
    // The names are the plan's: a queue may have had the result of another one, whose files had other names.
    return {
      cells: own.flatMap(({ job: { input }, outcome }) =>
        "cell" in outcome ? [{ ...outcome.cell, input }] : [],
      ),
      failures: own.flatMap(({ job: { input, policy }, outcome }) =>
        "failure" in outcome ? [{ ...outcome.failure, input, policy }] : [],
      ),
    };
  }
}

/** A folder that holds all of a plan's outcomes, in the order of the plan. */
export function writeSweep(folder: string, plan: Plan, outcomes: ReadonlyMap<string, Outcome>): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (isSweepFolder(folder))
      throw new Error(
        `${folder}: there is a sweep in it already; name a folder that is new, or remove this one`,
      );
    const lines = plan.jobs.map(({ id }) => `${JSON.stringify(outcomes.get(id))}\n`);
    writeFileSync(join(folder, "results.jsonl"), lines.join(""));
    writeWhole(join(folder, "plan.json"), [planText(plan, WHOLE)]);
  } catch (error) {
    throw inWords(error, folder, "write");
  }
}

/** A line a job, so that plans can be compared and read. */
function planText({ version, jobs, search }: Plan, shard: Shard): string {
  const open = search ? '"search": true,\n' : "";
  const part = shard.of > 1 ? `"shard": ${JSON.stringify(shard)},\n` : "";
  const head = `"schema": "${PLAN_SCHEMA}",\n"tool": "heapscape",\n"version": ${JSON.stringify(version)},\n`;
  return `{\n${head}${open}${part}"jobs": [\n${jobs.map((job) => JSON.stringify(job)).join(",\n")}\n]\n}\n`;
}

function otherPlan(folder: string, plan: Plan, shard: Shard): string {
  const { plan: there, shard: part } = readPlan(folder);
  return `there is another sweep in it, ${difference()}; name another folder`;

  function difference(): string {
    if (there.version !== plan.version) return `of Heapscape ${there.version}; this is ${plan.version}`;
    if (there.search !== plan.search) return there.search ? "one that searches" : "one that searches nothing";
    if (JSON.stringify(there.jobs) !== JSON.stringify(plan.jobs))
      return `of ${inCells(there.jobs.length)}: ${firstDifference(there, plan, "this one")}`;
    return `shard ${part.index}/${part.of} of it; this is ${shard.index}/${shard.of}`;
  }
}
