/** What the numbers of an event may be. Each check throws TraceError with the number. */
import { LARGEST_ID, MOST_BYTES, MOST_FIELDS, TraceError } from "./trace.ts";

export const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 0;

export function checkId(id: number): void {
  if (!isWhole(id)) throw new TraceError(`object ${id}: an id is a whole number`);
  if (id > LARGEST_ID) throw new TraceError(`object ${id} is beyond the largest id, ${LARGEST_ID}`);
}

export function checkBytes(bytes: number): void {
  if (!isWhole(bytes)) throw new TraceError(`${bytes} bytes are no whole number of bytes`);
  if (bytes > MOST_BYTES) throw new TraceError(`${bytes} bytes are more than the limit of ${MOST_BYTES}`);
}

/** calloc: `count` objects of `size` bytes. */
export function checkCount(count: number, size: number): void {
  if (!isWhole(count)) throw new TraceError(`a count of ${count} is no whole number`);
  if (count > MOST_BYTES) throw new TraceError(`a count of ${count} is more than the limit of ${MOST_BYTES}`);
  checkBytes(size);
  if (count * size > MOST_BYTES)
    throw new TraceError(`${count} * ${size} bytes are more than the limit of ${MOST_BYTES}`);
}

/** A power of two up to 2^30. */
export function checkAlign(align: number): void {
  if (!(align >= 1 && align <= 2 ** 30 && (align & (align - 1)) === 0 && Number.isInteger(align)))
    throw new TraceError(`alignment ${align} is not a power of two up to ${2 ** 30}`);
}

export function checkFields(fields: number): void {
  if (!isWhole(fields)) throw new TraceError(`${fields} is no number of fields`);
  if (fields > MOST_FIELDS)
    throw new TraceError(`${fields} fields are more than the limit of ${MOST_FIELDS}`);
}
