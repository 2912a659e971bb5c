/** A small trace within a link: gzip in base64url behind the name of its file, `NAME:DATA`. */

/** Characters that a link may carry; browsers, mail and chat cut much longer ones. */
export const MOST_CARRIED = 24_000;

/** Undefined when it is too long. */
export async function carry(name: string, file: Blob): Promise<string | undefined> {
  if (file.size > 64 * MOST_CARRIED) return undefined;
  const packed = await throughGzip(file.stream(), new CompressionStream("gzip"));
  const text = `${encodeURIComponent(name)}:${toBase64Url(packed)}`;
  return text.length <= MOST_CARRIED ? text : undefined;
}

/** Throws when the text is not one that `carry` made. */
export async function unpack(text: string): Promise<File> {
  const colon = text.indexOf(":");
  const name = decodeURIComponent(text.slice(0, Math.max(0, colon)));
  try {
    const packed = new Blob([fromBase64Url(text.slice(colon + 1))]);
    return new File([await throughGzip(packed.stream(), new DecompressionStream("gzip"))], name);
  } catch {
    throw new Error(`The trace ${name} in this link is damaged: copy the whole link.`);
  }
}

export const nameOfCarried = (text: string): string =>
  decodeURIComponent(text.slice(0, Math.max(0, text.indexOf(":"))));

async function throughGzip(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  gzip: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(bytes.pipeThrough(gzip)).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
