/** Heaps as people ask for them: `grow`, a size (`64KiB`), or a multiple of the trace's peak live bytes (`1.5x`). */
import { OptionError } from "./options.ts";
import { parseSize } from "./size.ts";

/** The largest granule: a multiple is rounded up to it, so that `1x` holds the peak whatever the policy's granule. */
const ROUNDING = 16;

const MULTIPLE = /^(\d{1,4})(?:\.(\d{1,3}))?x$/;

/** Whether `text` means so many bytes for one trace and so many for another. */
export const isMultiple = (text: string): boolean => MULTIPLE.test(text);

/** Bytes of the arena, or `grow`. Throws OptionError when `text` is none of the three. */
export function heapBytes(text: string, peakLiveBytes: number): number | "grow" {
  if (text === "grow") return text;
  const multiple = MULTIPLE.exec(text);
  if (multiple) {
    // As a whole number over a power of ten: 1.1 * 1000 is not 1100 in doubles.
    const [, whole, fraction = ""] = multiple;
    if (Number(whole + fraction) === 0)
      throw new OptionError(`heap "${text}" is too small; a multiple is more than 0`);
    const exact = (peakLiveBytes * Number(whole + fraction)) / 10 ** fraction.length;
    return Math.max(1, Math.ceil(exact / ROUNDING)) * ROUNDING;
  }
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new OptionError(
      `heap "${text}" is no size; write grow, bytes as in 64KiB, or a multiple as in 1.5x`,
    );
  if (bytes < ROUNDING)
    throw new OptionError(`heap "${text}" is too small; it takes at least ${ROUNDING} bytes`);
  return bytes;
}
