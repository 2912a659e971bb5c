/**
 * Which survivor space is in use when a recorded trace begins: a model of the program that made the recordings, inferred
 * from nine runs of it, and not a rule of the JVM. That program reads its whole trace first, and so fills eden some
 * times; each young collection swaps the survivor spaces.
 *
 *   collections = floor((BEFORE + EACH * events) / bytes of eden);  s1 if they are even, s0 if they are odd
 *
 * Many pairs of constants agree with the nine runs. These lie in the middle: the verdict on a run changes only where it
 * has at least 5.6% more or fewer events (`graph`; `pins`: 6.4%), or, in the run whose eden is a quarter of the others',
 * 1.7% (`churn`). Their size is confirmed by a program of ours that splits the lines of the same traces on the same VM,
 * OpenJDK 17.0.15: 0.74 MB are allocated by the VM's own start, and 523 to 604 bytes for each line.
 */

/** Bytes allocated before the first event is read. */
const BEFORE = 1_561_000;
/** Bytes allocated to read an event. */
const EACH = 592;

/** 0 for s0, 1 for s1, where the trace has so many events and eden so many bytes. */
export function survivorAtStart(events: number, eden: number): 0 | 1 {
  const collections = eden > 0 ? Math.floor((BEFORE + EACH * events) / eden) : 0;
  return collections % 2 === 0 ? 1 : 0;
}
