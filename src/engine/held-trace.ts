/** The trace of one job after another: read once for as long as they ask for the same one, and no two in memory. */
import type { Trace } from "../traces/trace.ts";
import { checkHash } from "./files.ts";
import { isLong, isSurvey, readInput, surveyInput } from "./inputs.ts";
import { type Job, readingOf } from "./run-cell.ts";

/** Which trace a job is about, and the SHA-256 of its file where that was said. */
type TraceJob = Job & { readonly inputHash?: string };

export class HeldTrace {
  private of: TraceJob | undefined;
  private trace: Promise<Trace> | undefined;

  /** A long file's is a survey, unless it goes into a replay several times. What cannot be read is not tried again. */
  async for(job: TraceJob, signal?: AbortSignal): Promise<Trace> {
    const held = this.of && sameTrace(this.of, job) ? await this.trace : undefined;
    if (held && !(isSurvey(held) && job.repeat !== undefined)) return held;
    this.trace = undefined; // the old one goes before the new one comes
    this.of = job;
    this.trace = read(job, signal);
    return this.trace;
  }
}

async function read(job: TraceJob, signal?: AbortSignal): Promise<Trace> {
  const { input, inputHash, seed, repeat } = job;
  if (inputHash !== undefined) await checkHash(input, inputHash);
  const read = isLong(input) && repeat === undefined ? surveyInput : readInput;
  return read(input, seed, readingOf(job, signal));
}

const sameTrace = (a: TraceJob, b: TraceJob): boolean =>
  a.input === b.input &&
  a.inputHash === b.inputHash &&
  a.seed === b.seed &&
  a.strict === b.strict &&
  a.maxBytes === b.maxBytes;
