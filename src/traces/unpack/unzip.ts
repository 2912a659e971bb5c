/** Takes the one file out of a zip archive as it streams by (PKWARE's APPNOTE 4.3), with fflate. */
import { Unzip, UnzipInflate } from "fflate";
import { TraceError } from "../trace.ts";

/** `PK\3\4`, the head of the first file; an archive of none is not one for us. */
export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;

/** Bytes that are given to the inflater at a time: 1032 times as many come out at most. */
const STEP = 4096;

/**
 * Folders do not count, nor what macOS adds under `__MACOSX/`. Throws TraceError if there is another file, or if the
 * data is damaged. `file` is for messages.
 */
export async function* unzip(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let only: string | undefined;
  let ended = false;
  const archive = new Unzip((entry) => {
    if (entry.name.endsWith("/") || entry.name.startsWith("__MACOSX/")) return;
    if (only !== undefined)
      throw new TraceError(
        `${file}: the zip archive has more than one file (${only}, ${entry.name}): unpack it and give one of them`,
      );
    only = entry.name;
    entry.ondata = (error, data, final) => {
      if (error) throw error;
      if (data.length > 0) ready.push(data);
      ended ||= final;
    };
    entry.start();
  });
  archive.register(UnzipInflate);
  for await (const piece of source)
    for (let at = 0; at < piece.length; at += STEP) {
      try {
        archive.push(piece.subarray(at, at + STEP));
      } catch (reason) {
        throw reason instanceof TraceError ? reason : new TraceError(`${file}: the zip data is damaged`);
      }
      yield* ready;
      ready = [];
    }
  if (only === undefined) throw new TraceError(`${file}: the zip archive has no file`);
  if (!ended) throw new TraceError(`${file}: the zip data ends early`);
}
