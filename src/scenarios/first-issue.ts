/** What is wrong with a JSON file that does not fit its zod schema, as one sentence about the first thing to mend. */
import type * as z from "zod/mini";
import { known } from "../options/options.ts";
import type { LocatedJson, Path } from "./located-json.ts";

/** The part of a JSON Schema that is walked here. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly description?: string;
}

/** `schema` is the JSON Schema of the same file: it has the keys to suggest and what each is for. */
export function firstIssue(issues: readonly z.core.$ZodIssue[], schema: object, json: LocatedJson): string {
  // A misspelt key is also a missing one: the misspelling is what helps.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const path: Path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
  return json.describe(path, sentence(issue, schema, json.at(path)));
}

/** `look[0].text` */
export function nameOf(path: Path): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`))
    .join("");
}

function sentence(issue: z.core.$ZodIssue, schema: Node, value: unknown): string {
  const name = nameOf(issue.path) || "the file";
  const last = issue.path[issue.path.length - 1];
  switch (issue.code) {
    case "unrecognized_keys": {
      const [key] = issue.keys;
      const inside = issue.path.length > 0 ? ` in ${name}` : "";
      return `unknown key "${key}"${inside}${known(key, Object.keys(nodeAt(schema, issue.path)?.properties ?? {}))}`;
    }
    case "invalid_type":
      if (value === undefined && issue.path.length > 0)
        return `the key "${String(last)}" is missing${issue.path.length > 1 ? ` in ${nameOf(issue.path.slice(0, -1))}` : ""}`;
      return `${name} must be ${KINDS[nodeAt(schema, issue.path)?.type ?? issue.expected] ?? issue.expected}, not ${kindOf(value)}`;
    case "too_small":
      return typeof value === "number"
        ? `${name} is ${value}; it must be at least ${issue.minimum}`
        : `${name} must not be empty`;
    case "too_big":
      return `${name} is ${value}; it must be at most ${issue.maximum}`;
    default: {
      const { description } = nodeAt(schema, issue.path) ?? {};
      return `${name} is ${JSON.stringify(value)}, which does not fit${description ? `: ${description}` : ""}`;
    }
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  array: "a list",
  object: "an object",
  boolean: "true or false",
};

const kindOf = (value: unknown): string =>
  Array.isArray(value)
    ? "a list"
    : typeof value === "object" && value !== null
      ? "an object"
      : typeof value === "string"
        ? `the text ${JSON.stringify(value)}`
        : String(value);

function nodeAt(schema: Node, path: Path): Node | undefined {
  let node: Node | undefined = schema;
  for (const key of path) node = typeof key === "number" ? node?.items : node?.properties?.[String(key)];
  return node;
}
