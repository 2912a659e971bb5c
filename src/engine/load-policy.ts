/** A policy by its registry name, or from a user's file: `first-fit:order=lifo`, `./mine.ts:depth=2`. */
import { register } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Policy } from "../allocators/contract.ts";
import { parseOptions } from "../options/options.ts";
import { type Choice, choosePolicy } from "../replay/policies.ts";
import { built } from "./built.ts";
import { checkReadable } from "./files.ts";

/** Splits `FILE[:key=value,...]`; undefined when the call names no file. A registry's name has no dot or slash. */
export function policyFile(call: string): { file: string; options: string } | undefined {
  const match = /^(.*?\.m?[jt]s)(?::(.*))?$/s.exec(call);
  if (match) return { file: match[1], options: match[2] ?? "" };
  return /^\.{0,2}\//.test(call) ? { file: call, options: "" } : undefined;
}

/** The call with its file, if it is one, as seen from `folder`. */
export function policyIn(folder: string, call: string): string {
  const named = policyFile(call);
  if (!named || isAbsolute(named.file)) return call;
  const file = join(folder, named.file);
  return `${file}${named.options && `:${named.options}`}`;
}

/** Throws one sentence when there is no such policy, no such option, or the file does not give a policy. */
export async function loadPolicy(call: string): Promise<Choice> {
  const named = policyFile(call);
  if (!named) return choosePolicy(call);
  const { file, options } = named;
  const policy = await importPolicy(file);
  return { policy, options: parseOptions(`policy ${file}`, policy.options, options) };
}

let registered = false;

async function importPolicy(file: string): Promise<Policy> {
  checkReadable(file);
  if (!/\.m?[jt]s$/.test(file)) throw new Error(`${file}: a policy's file ends with .ts, .js or .mjs`);
  if (!registered) {
    const data = { heapscape: built("../index.js"), "heapscape/testing": built("../testing/index.js") };
    register(built("./typescript-hooks.js"), { data });
    registered = true;
  }
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new Error(`${file}: it cannot be loaded: ${placed(error, file)}`);
  }
  const found = module.default ?? module.policy;
  const lacks = typeof found === "object" && found !== null ? lacking(found) : Object.keys(PARTS);
  if (lacks.length === 0) return found as Policy;
  const all = lacks.length === Object.keys(PARTS).length;
  throw new Error(
    all
      ? `${file}: it exports no policy; write: export default definePolicy({ name: ... })`
      : `${file}: its policy lacks ${lacks.map((part) => `${part}, a ${PARTS[part as keyof typeof PARTS]}`).join("; and ")}`,
  );
}

/** `definePolicy` adds nothing to what it is given, so the parts that a replay needs are looked for. */
const PARTS = { name: "string", options: "object", granule: "function", create: "function" } as const;

const lacking = (policy: object): string[] =>
  Object.entries(PARTS).flatMap(([part, type]) => {
    const value: unknown = policy[part as keyof typeof policy];
    return typeof value === type && value !== null ? [] : part;
  });

/** The error's message, and the line where it happened in the user's file, if there is one. */
export function placed(error: unknown, file?: string): string {
  if (!(error instanceof Error)) return String(error);
  const name = error.name === "Error" ? "" : `${error.name}: `;
  const message = error.message.replaceAll(/\s+/g, " ");
  if (file === undefined) return `${name}${message}`;
  const path = resolve(file); // CommonJS has paths in its frames, modules have URLs
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at "));
  const line = frames?.find((frame) => frame.includes(path) || frame.includes(pathToFileURL(path).href));
  const at = line === undefined ? undefined : /:(\d+)(?::\d+)?\)?$/.exec(line)?.[1];
  const short = message.replace(`Error transforming ${path}: `, "");
  return `${name}${short}${at === undefined ? "" : ` (line ${at})`}`;
}
