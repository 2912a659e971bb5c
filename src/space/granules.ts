/** Bytes to granules; a number that is no multiple is the policy's fault. */
import { SpaceError } from "./space-error.ts";

/** `log2`: of the granule. */
export function inGranules(bytes: number, granule: number, log2: number): number {
  // Below 2 GiB integers do, and save the way through floating point.
  if ((bytes | 0) === bytes && (bytes & (granule - 1)) === 0) return bytes >> log2;
  const granules = bytes / granule;
  if ((granules | 0) !== granules)
    throw new SpaceError(`${bytes} is not a multiple of the granule of ${granule} bytes`);
  return granules;
}
