/** What a sweep is to do: every job with an id that names what it computes, wherever and whenever that is done. */
import { createHash } from "node:crypto";
import { heapBytes, isMultiple } from "../../options/heap.ts";
import { parseWorkload } from "../../workloads/registry.ts";
import { fileHash } from "../files.ts";
import { isWorkload } from "../inputs.ts";
import { loadPolicy, policyFile } from "../load-policy.ts";
import type { Failure } from "../result.ts";
import type { Job } from "../run-cell.ts";

/** A job that means the same on every machine. */
export interface PlannedJob extends Job {
  /**
   * `c-` and 64 hex digits: SHA-256 over Heapscape's version, the bytes of the trace's file (or the workload with all its
   * options, and the seed), the policy with all its options (and its file's bytes), and all else that the job asks for.
   * Names of trace files are not in it.
   */
  readonly id: string;
  /** SHA-256 of the trace's file, in hex. Not of its requests: phases, times and addresses count as well. */
  readonly inputHash?: string;
  /** SHA-256 of the policy's file, where it is none of ours. What that file imports is not in it. */
  readonly policyHash?: string;
}

export interface Plan {
  /** Of the Heapscape that made it. */
  readonly version: string;
  /** In the order in which they were asked for, each once. */
  readonly jobs: readonly PlannedJob[];
  /** The jobs are where searches begin, and what else there is to do shows on the way; see minimize.ts. */
  readonly search?: true;
}

/** Reads every file once that is not in `hashes`, and no trace. Throws one sentence where a file or an option is not as it must be. */
export async function planOf(
  version: string,
  jobs: readonly Job[],
  hashes = new Map<string, Promise<string>>(),
): Promise<Plan> {
  const hashOf = (file: string): Promise<string> => {
    const hash = hashes.get(file) ?? fileHash(file);
    hashes.set(file, hash);
    return hash;
  };
  const planned = new Map<string, PlannedJob>();
  for (const job of jobs) {
    const file = policyFile(job.policy)?.file;
    const inputHash = isWorkload(job.input) ? undefined : await hashOf(job.input);
    const policyHash = file === undefined ? undefined : await hashOf(file);
    const id = await idOf(version, job, inputHash, policyHash);
    if (!planned.has(id))
      planned.set(id, { id, ...job, ...(inputHash && { inputHash }), ...(policyHash && { policyHash }) });
  }
  return { version, jobs: [...planned.values()] };
}

async function idOf(version: string, job: Job, inputHash?: string, policyHash?: string): Promise<string> {
  const { input, seed, policy, heap, from, repeat, verify, strict, maxBytes } = job;
  const choice = await loadPolicy(policy);
  const source = inputHash ?? { ...parsed(input), seed };
  const model = { name: policyHash ?? choice.policy.name, options: choice.options };
  const space = isMultiple(heap) ? `${Number.parseFloat(heap)}x` : heapBytes(heap, 0);
  const asked = [version, source, model, space, from, repeat, verify, strict, maxBytes];
  return `c-${createHash("sha256").update(JSON.stringify(asked)).digest("hex")}`;
}

const parsed = (input: string) => {
  const { workload, options } = parseWorkload(input);
  return { workload: workload.name, options };
};

/** The heap of a job whose trace nobody has read: a multiple stays one. */
export const heapAsAsked = ({ heap }: Job): Failure["heap"] =>
  isMultiple(heap) ? (heap as `${number}x`) : heapBytes(heap, 0);

/** Where two plans part, of `a` as "it" and `b` as `other`. */
export function firstDifference(a: Plan, b: Plan, other = "the other"): string {
  const at = a.jobs.findIndex((job, i) => JSON.stringify(job) !== JSON.stringify(b.jobs[i]));
  if (at < 0) return `it has ${inCells(a.jobs.length)}, ${other} ${b.jobs.length}`;
  const its = `its cell ${at + 1} is ${cellInWords(a, a.jobs[at].id)}`;
  const job = b.jobs[at];
  if (!job) return `${its}, ${other} has none`;
  const words = cellInWords(b, job.id);
  const same = words === cellInWords(a, a.jobs[at].id) ? ", asked for with other options" : "";
  return `${its}, that of ${other} ${words}${same}`;
}

/** `1 cell`, `2 cells`. */
export const inCells = (number: number): string => `${number} ${number === 1 ? "cell" : "cells"}`;

export function cellInWords({ jobs }: Plan, id: string): string {
  const { policy, input, heap, inputHash } = jobs.find((job) => job.id === id)!;
  return `${policy} on ${input}${inputHash ? ` (${inputHash.slice(0, 12)})` : ""}, heap ${heap}`;
}
