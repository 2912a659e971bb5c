/** Reads a trace in whatever format it is, told by its content; gzip, zstd or zip around it is taken off. */
import { known } from "../options/options.ts";
import { type BuilderOptions, TraceBuilder } from "./builder.ts";
import { Compiled } from "./compiled.ts";
import { formats } from "./formats.ts";
import { HEAD_BYTES, quote, type TraceFormat } from "./importer.ts";
import { refused } from "./refused.ts";
import { type Trace, TraceError } from "./trace.ts";
import { packingOf, unpack } from "./unpack/unpack.ts";

export interface ReadOptions {
  /** Name of the format, when the content is not to be asked. */
  readonly format?: string | undefined;
  /** Anomalies of foreign formats are errors. */
  readonly strict?: boolean | undefined;
  /** See Source. */
  readonly thorough?: boolean | undefined;
  /** See compiled.ts: what it can read is read with it, and comes to the same. */
  readonly compiled?: WebAssembly.Module | undefined;
  /** Most bytes that may come out of a packed file; see MOST_UNPACKED. */
  readonly maxBytes?: number | undefined;
  /** Called with the bytes of the source, as it is compressed, that were read so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
  /** Reading ends with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** See BuilderOptions: the trace is then handed out in chunks and not kept. */
  readonly chunk?: BuilderOptions["chunk"];
  readonly passing?: BuilderOptions["passing"];
}

/** `name` is the trace's name and the file in messages. */
export async function readTrace(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  name: string,
  options: ReadOptions = {},
): Promise<Trace> {
  const asked = options.format === undefined ? undefined : formatNamed(options.format);
  const raw = await peek(watched(source, options));
  const packing = packingOf(raw.head);
  const plain = packing ? await peek(unpack(packing, raw.all, name, options.maxBytes)) : raw;
  try {
    const format = asked ?? detectFormat(plain.head, name);
    const compiled = format.compiled && options.compiled ? Compiled.of(options.compiled) : undefined;
    const builder = new TraceBuilder(name, {
      fidelity: format.fidelity,
      compiled,
      ...(options.chunk && { chunk: options.chunk, passing: options.passing }),
    });
    await format.load?.();
    const reader = format.read(builder, {
      file: name,
      strict: options.strict ?? false,
      thorough: options.thorough,
    });
    for await (const piece of plain.all) {
      if (packing) options.signal?.throwIfAborted();
      reader.push(piece);
    }
    reader.end();
    const trace = builder.finish();
    compiled?.release();
    return trace;
  } finally {
    await plain.close();
  }
}

export function formatNamed(name: string): TraceFormat {
  const format = formats.find((format) => format.name === name);
  if (format) return format;
  const names = formats.map((format) => format.name);
  throw new TraceError(`unknown trace format "${name}"${known(name, names)}`);
}

/** The format that a file starting with `head` is in; `file` is for the message when there is none. */
export function detectFormat(head: Uint8Array, file: string): TraceFormat {
  const format = formats.find((format) => format.detect(head));
  if (format) return format;
  const refusal = refused.find((format) => format.detect(head));
  if (refusal) throw new TraceError(`${file}: ${refusal.name}: ${refusal.reason}`);
  const names = formats.map((format) => format.name).join(", ");
  throw new TraceError(`${file}: ${describe(head)}; the formats that are known: ${names}`);
}

function describe(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty";
  if (!head.some((byte) => byte < 9)) {
    const lines = head.subarray(head.findIndex((byte) => byte > 32));
    const end = lines.findIndex((byte) => byte === 10 || byte === 13);
    return `no trace that is known: it starts with ${quote(end < 0 ? lines : lines.subarray(0, end))}`;
  }
  const bytes = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `no trace that is known: it starts with the bytes ${bytes.join(" ")}`;
}

const PIECE = 1 << 20;

/** The source in pieces of at most 1 MiB, with its progress told and its end on a signal. */
async function* watched(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  { progress, signal }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const bytes of source instanceof Uint8Array ? [source] : source)
    for (let from = 0; from < bytes.length; from += PIECE) {
      signal?.throwIfAborted();
      const piece = bytes.subarray(from, from + PIECE);
      yield piece;
      done += piece.length;
      progress?.(done);
    }
}

/** The first HEAD_BYTES, or all there are, and everything once more from the start. */
async function peek(pieces: AsyncIterable<Uint8Array>) {
  const iterator = pieces[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  while (length < HEAD_BYTES) {
    const { done, value } = await iterator.next();
    if (done) break;
    // Its memory may be used again for the next one.
    const own = length + value.length < HEAD_BYTES ? value.slice() : value;
    first.push(own);
    head.set(own.subarray(0, HEAD_BYTES - length), length);
    length += own.length;
  }
  head = head.subarray(0, length);
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return {
    head,
    all: all(),
    /** For when `all` was not begun: lets go of the source. */
    close: () => iterator.return?.(),
  };
}
