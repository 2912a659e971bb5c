/** Files that the page fetches itself: whole, with progress, and with an end when they are no longer wanted. */

/** `progress` is told the share of the bytes that are here, where the server says how many there are. */
export async function fetchWhole(
  url: URL | string,
  name: string,
  { signal, progress }: { signal: AbortSignal; progress: (share: number) => void },
): Promise<Blob> {
  progress(0);
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) throw new Error(`${name}: the server answers ${response.status}.`);
  const length = Number(response.headers.get("Content-Length"));
  const pieces: BlobPart[] = [];
  const reader = response.body.getReader();
  let here = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces.push(next.value);
    here += next.value.length;
    if (length > 0) progress(Math.min(1, here / length));
  }
  return new Blob(pieces);
}
