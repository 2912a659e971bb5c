/** The trace of one job after another: read once for as long as they ask for the same one, and no two in memory. */
import type { Trace } from "../traces/trace.ts";
import { isLong, isSurvey, readInput, surveyInput } from "./inputs.ts";
import { type Job, readingOf } from "./run-cell.ts";

export class HeldTrace {
  private of: Job | undefined;
  private trace: Promise<Trace> | undefined;

  /** A long file's is a survey, unless it goes into a replay several times. One that cannot be read stays so. */
  async for(job: Job, signal?: AbortSignal): Promise<Trace> {
    const held = this.of && sameTrace(this.of, job) ? await this.trace : undefined;
    if (held && !(isSurvey(held) && job.repeat !== undefined)) return held;
    this.trace = undefined; // the old one goes before the new one comes
    this.of = job;
    const read = isLong(job.input) && job.repeat === undefined ? surveyInput : readInput;
    this.trace = read(job.input, job.seed, readingOf(job, signal));
    return this.trace;
  }
}

const sameTrace = (a: Job, b: Job): boolean =>
  a.input === b.input && a.seed === b.seed && a.strict === b.strict && a.maxBytes === b.maxBytes;
