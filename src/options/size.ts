/** Sizes as people write them: `4096`, `64KiB`, `8 MiB`. Powers of two only; a bare number is bytes. */

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

/** Bytes, or undefined when `text` is no size. Fractions are allowed where they come out whole: `1.5KiB`. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMG]iB|B|)$/i.exec(text.trim());
  if (!match) return undefined;
  const bytes = Number(match[1]) * UNITS[match[2].toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The largest unit that leaves at most two decimals that say something: `64 KiB`, `1.25 MiB`, `1000 B`. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const)
    if (Math.abs(bytes) >= size) return `${Number((bytes / size).toFixed(2))} ${unit}`;
  return `${Number(bytes.toFixed(2))} B`;
}

/** The shortest text that `parseSize` reads back to the same: `8MiB`, `1000`. */
export function exactSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const size = UNITS[unit.toLowerCase()];
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
