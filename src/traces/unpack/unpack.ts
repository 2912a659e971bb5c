/** What a file may be packed in, told by its first bytes and taken off, once. */
import { TraceError } from "../trace.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { isZip, unzip } from "./unzip.ts";
import { isZstd, unzstd } from "./unzstd.ts";

interface Packing {
  readonly name: string;
  is(head: Uint8Array): boolean;
  unpack(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array>;
}

const packings: readonly Packing[] = [
  { name: "gzip", is: isGzip, unpack: gunzip },
  { name: "zstd", is: isZstd, unpack: unzstd },
  { name: "zip", is: isZip, unpack: unzip },
];

/** Most bytes that come out of a packed file where nobody says how many: 16 GiB. */
export const MOST_UNPACKED = 2 ** 34;

/** The packing of a file that starts with `head`, if it has one. */
export const packingOf = (head: Uint8Array): Packing | undefined => packings.find(({ is }) => is(head));

/** Ends with TraceError when more than `most` bytes come out. */
export async function* unpack(
  packing: Packing,
  source: AsyncIterable<Uint8Array>,
  file: string,
  most = MOST_UNPACKED,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of packing.unpack(source, file)) {
    bytes += piece.length;
    if (bytes > most)
      throw new TraceError(
        `${file}: more than ${most} bytes come out of its ${packing.name}; if that is right, raise the limit (--max-bytes)`,
      );
    yield piece;
  }
}
