/** Takes gzip off a stream by the platform's DecompressionStream (WHATWG Compression Standard), in constant memory. */
import { TraceError } from "../trace.ts";

/** RFC 1952, 2.3.1: ID1, ID2, and CM = deflate. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

/** `file` is for messages. Browsers take files of one member only; Node takes more, one behind the other. */
export async function* gunzip(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const reader = readable.getReader();
  /** What the source threw, which is no fault of the compression. */
  let failure: { readonly reason: unknown } | undefined;

  async function* told(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (reason) {
      failure = { reason };
      throw reason;
    }
  }

  async function feed(): Promise<void> {
    try {
      for await (const piece of told()) await writer.write(piece as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (reason) {
      await writer.abort(reason);
    }
  }

  // A piece that cannot be unpacked fails on both sides; the reading side tells.
  const fed = feed().catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } catch {
    throw failure ? failure.reason : new TraceError(`${file}: the gzip data is damaged or ends early`);
  } finally {
    await reader.cancel().catch(() => {});
    await fed;
  }
}
