import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Served, type ServeOptions, serve } from "../../src/cli/serve.ts";
import { parsePlace } from "../../web/state/place.ts";

describe("serve", () => {
  let directory: string;
  let running: Served[];

  beforeEach(() => {
    running = [];
    directory = mkdtempSync(join(tmpdir(), "heapscape-serve-"));
    writeFileSync(join(directory, "index.html"), "<title>page</title>");
    writeFileSync(join(directory, "main.js"), "export {};");
    writeFileSync(join(directory, "core.wasm"), "");
  });
  afterEach(async () => {
    for (const served of running) await served.close();
    rmSync(directory, { recursive: true });
  });

  async function start(options: Partial<ServeOptions> = {}): Promise<Served> {
    const served = await serve({ port: 0, directory, ...options });
    running.push(served);
    return served;
  }

  async function contentType(url: string): Promise<string | null> {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.headers.get("content-type");
  }

  it("serves the page and its parts with their types", async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await contentType(url)).toMatch(/^text\/html/);
    expect(await contentType(`${url}main.js`)).toMatch(/^text\/javascript/);
    expect(await contentType(`${url}core.wasm`)).toBe("application/wasm");
  });

  it("answers 404 for what is not there, and never leaves the directory", async () => {
    const { url } = await start();
    expect((await fetch(`${url}absent.js`)).status).toBe(404);
    expect((await fetch(`${url}..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  });

  it("serves the opened file as it is, under the path named in the fragment", async () => {
    const file = join(directory, "my trace+%.trace.gz");
    writeFileSync(file, "a 1 16\n");
    const { url } = await start({ input: file });
    const { source } = parsePlace(new URL(url).hash);
    expect(source).toEqual({ kind: "open", text: "opened/my%20trace%2B%25.trace.gz" });
    const response = await fetch(new URL(source?.text ?? "", url));
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe("a 1 16\n");
  });

  it("begins where it is told to: the page reads the same from the address", async () => {
    const file = join(directory, "t.trace");
    writeFileSync(file, "a 1 16\n");
    const view = { policy: ["first-fit:order=lifo", "tlsf"], heap: "8MiB", event: 41 };
    expect(parsePlace(new URL((await start({ input: file, view })).url).hash)).toEqual({
      source: { kind: "open", text: "opened/t.trace" },
      policies: view.policy,
      heap: "8MiB",
      event: 42,
    });
    const generated = await start({ input: "workload:mqtt:devices=4", view: { ...view, seed: 7 } });
    expect(parsePlace(new URL(generated.url).hash)).toMatchObject({
      source: { kind: "workload", text: "mqtt:devices=4" },
      seed: 7,
    });
  });

  it("refuses what the page could not show", async () => {
    await expect(start({ input: "workload:mqt" })).rejects.toThrow('unknown workload "mqt"');
    await expect(start({ view: { policy: ["./mine.ts"] } })).rejects.toThrow("no policies from files");
    await expect(start({ view: { policy: ["first"] } })).rejects.toThrow('unknown policy "first"');
  });

  it("says which port is in use and what to do", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(start({ port })).rejects.toThrow(`port ${port} is in use; choose another with --port`);
  });

  it("says that a page was never built, and that a file is missing", async () => {
    await expect(start({ directory: join(directory, "none") })).rejects.toThrow("npm run build");
    await expect(start({ input: "/no/such.trace" })).rejects.toThrow("/no/such.trace: there is no such file");
  });
});
