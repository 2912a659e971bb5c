/** Recorded traces that come with the page. They are files beside its JavaScript, fetched when a scenario asks. */

const urls = import.meta.glob<string>("../../scenarios/traces/*.gz", {
  query: "?url",
  import: "default",
  eager: true,
});

/** Where the page has the file that a scenario of its own names, relative to the scenario. */
export function urlOfTrace(input: string): URL | undefined {
  const url = urls[`../../scenarios/${input}`];
  return url === undefined ? undefined : new URL(url, location.href);
}
