/** A workload: a seeded generator of a trace. Same name, options and seed give the same trace in every engine. */
import type { OptionSpecs, Options } from "../options/options.ts";
import type { TraceBuilder } from "../traces/builder.ts";

export interface Workload<S extends OptionSpecs = OptionSpecs> {
  /** As in `workload:NAME[:key=value,...]`. */
  readonly name: string;
  /** One sentence: which program behaves like this. */
  readonly summary: string;
  /** Where the shape of the load comes from: paper, specification, or measurement. */
  readonly source: string;
  /** Its objects refer to each other, so that a collector can find their deaths. Default: no. */
  readonly graph?: boolean;
  readonly options: S;
  /** Writes the whole trace. `seed` is a 32-bit unsigned integer; nothing else may vary the outcome. */
  generate(builder: TraceBuilder, options: Options<S>, seed: number): void;
}

/** Keeps the types of the options together; adds nothing. */
export const defineWorkload = <S extends OptionSpecs>(workload: Workload<S>): Workload =>
  workload as unknown as Workload;
