/**
 * Keeps the built page, so that it opens without a network after the first time. FILES and VERSION are put before this
 * text by the build (offline.ts): every file of the build, and a hash over them.
 *
 * What has a hash in its name never changes and comes from the cache. The rest is asked for first, and comes from the
 * cache when nobody answers. Files of the user's own are no part of it.
 */
const CACHE = `heapscape-${VERSION}`;
const known = new Set(FILES.map((file) => new URL(file, location.href).href));
const isHashed = (url) => /\/assets\/[^/]+$/.test(new URL(url).pathname);

addEventListener("install", (install) => {
  install.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  skipWaiting();
});

addEventListener("activate", (activate) => {
  const old = (name) => name.startsWith("heapscape-") && name !== CACHE;
  activate.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const [url] = request.url.split(/[?#]/);
  if (request.method !== "GET" || !known.has(url)) return;
  event.respondWith(isHashed(url) ? fromCache(url, request) : fromNetwork(url, request));
});

async function fromCache(url, request) {
  return (await caches.match(url)) ?? fetch(request);
}

async function fromNetwork(url, request) {
  try {
    const response = await fetch(request);
    if (response.ok) (await caches.open(CACHE)).put(url, response.clone());
    return response;
  } catch (error) {
    const kept = await caches.match(url);
    if (kept) return kept;
    throw error;
  }
}
