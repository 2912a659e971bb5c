import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import sirv from "sirv";
import { isWorkload } from "../engine/inputs.ts";
import { policyFile } from "../engine/load-policy.ts";
import { choosePolicy } from "../replay/policies.ts";
import { parseWorkload, WORKLOAD_PREFIX } from "../workloads/registry.ts";
import { collect, parseEvent, parseHeap, parseSeed } from "./parse.ts";

export interface ServeOptions {
  /** 0 takes any free port. */
  port: number;
  /** The built page. */
  directory: string;
  /** A trace or scenario to open in the page, or `workload:NAME[:key=value,...]`. */
  input?: string;
  /** How it is shown there; what is left out is as the page has it. */
  view?: View;
}

/** Where in the page to begin. */
export interface View {
  readonly policy?: readonly string[];
  readonly heap?: string;
  readonly seed?: number;
  /** From 0; the page shows the heap after it. */
  readonly event?: number;
}

export interface Served {
  /** The page, with what to open in its fragment: `http://127.0.0.1:4173/#open=opened/blog.trace&event=12`. */
  url: string;
  close(): Promise<void>;
}

const defaultPort = 4173;

/** Serves the page on the loopback interface only, and one file of the user's beside it, under `opened/`. */
export async function serve({ port, directory, input, view = {} }: ServeOptions): Promise<Served> {
  if (!existsSync(join(directory, "index.html"))) {
    throw new Error(`no page in ${resolve(directory)}; build it with: npm run build`);
  }
  const file = input === undefined || isWorkload(input) ? undefined : input;
  const opened = file === undefined ? undefined : openedPath(file);
  const place = placeOf(opened ?? input, view);
  const page = sirv(directory, { dev: true }); // reads the disk at each request, so a rebuilt page is served
  const server = createServer((request, response) => {
    if (opened && file !== undefined && pathOf(request) === `/${opened}`) sendFile(file, request, response);
    else page(request, response, () => notFound(response));
  });
  await listen(server, port);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url: place === "" ? origin : `${origin}#${place}`,
    close: () => close(server),
  };
}

export function serveCommand(program: Command): void {
  program
    .command("serve")
    .description("show the page in a browser, with a trace or scenario opened in it")
    .argument("[input]", "trace or scenario to open, or workload:NAME[:key=value,...]")
    .option("--port <number>", "port on 127.0.0.1; 0 takes any free one", parsePort, defaultPort)
    .option("-a, --policy <policy>", "to begin with; may be repeated", collect)
    .option("--heap <heap>", "SIZE, grow, or a multiple of the trace's peak live bytes", parseHeap)
    .option("--seed <number>", "for workloads", parseSeed)
    .option("--event <number>", "the event that has just happened, from 0", parseEvent)
    .action(async (input: string | undefined, { port, ...view }: { port: number } & View) => {
      const directory = join(import.meta.dirname, "../web");
      const { url } = await serve({ port, directory, view, ...(input !== undefined && { input }) });
      process.stdout.write(`Heapscape is at ${url}\n`);
    });
}

/** The page's address of it (web/state/place.ts reads it): what to open, and where to begin. */
function placeOf(input: string | undefined, { policy = [], heap, seed, event }: View): string {
  const parts: string[] = [];
  const add = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) parts.push(`${key}=${encode(String(value))}`);
  };
  if (input !== undefined && isWorkload(input)) {
    parseWorkload(input);
    add("workload", input.slice(WORKLOAD_PREFIX.length));
  } else add("open", input);
  for (const each of policy) {
    if (policyFile(each)) throw new Error(`the page has no policies from files, and so not ${each}`);
    choosePolicy(each);
    add("policy", each);
  }
  add("heap", heap);
  add("seed", seed);
  add("event", event === undefined ? undefined : event + 1);
  return parts.join("&");
}

/** As little as an address needs, so that people can read it. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/%(3A|3D|2C|2F)/g, decodeURIComponent);

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}

function openedPath(file: string): string {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Error(`${file}: there is no such file`);
  return `opened/${encodeURIComponent(basename(file))}`;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0]!;
}

/** As bytes, never decoded on the way: a `.gz` is the page's to open. */
function sendFile(file: string, request: IncomingMessage, response: ServerResponse): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    notFound(response);
    return;
  }
  response.writeHead(200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": size,
    "Cache-Control": "no-store",
  });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file)
      .on("error", (error) => response.destroy(error))
      .pipe(response);
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end("not found\n");
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolved, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE" ? new Error(`port ${port} is in use; choose another with --port`) : error,
      );
    });
    server.listen(port, "127.0.0.1", resolved);
  });
}

/** Idle keep-alive connections would hold the server open for seconds, so they are cut. */
function close(server: Server): Promise<void> {
  return new Promise((resolved, reject) => {
    server.close((error) => (error ? reject(error) : resolved()));
    server.closeAllConnections();
  });
}
