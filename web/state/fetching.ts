/** Files that the page fetches itself: whole, with progress, and with an end when they are no longer wanted. */

/**
 * `progress` is told the share of the bytes that are here, where the server says how many there are. What aborts
 * `signal` is thrown. Not by `fetch` and a reader: Chromium reports a body that a service worker answers with, and that
 * is read piece by piece to its end, as cancelled two times in five.
 */
export function fetchWhole(
  url: URL | string,
  name: string,
  { signal, progress }: { signal: AbortSignal; progress: (share: number) => void },
): Promise<Blob> {
  progress(0);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "blob";
    request.onprogress = ({ lengthComputable, loaded, total }) =>
      lengthComputable && progress(loaded / total);
    request.onload = () =>
      request.status === 200
        ? resolve(request.response)
        : reject(new Error(`${name}: the server answers ${request.status}.`));
    request.onerror = () => reject(new Error(`${name}: the server does not answer.`));
    signal.addEventListener("abort", () => {
      request.abort();
      reject(signal.reason);
    });
    request.send();
  });
}
