/** A gate's configuration from its file, with all that it extends and every file that it names, seen from here. */
import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { glob } from "tinyglobby";
import { type ConfigDocument, ConfigError, checkConfig, listOf, ruleOf } from "../gate/config.ts";
import { Rules } from "../gate/rules.ts";
import { inside, type LocatedJson, type Path, parseJson } from "../scenarios/located-json.ts";
import { identity, readTextFile } from "./files.ts";
import { checkInput, isWorkload } from "./inputs.ts";
import { loadPolicy, policyIn } from "./load-policy.ts";

export const CONFIG_FILE = "heapscape.config.json";
export const BASELINE_FILE = "heapscape.baseline.json";
const KEY = "heapscape";

export interface Config {
  readonly file: string;
  /** It and all that it extends. */
  readonly layers: readonly string[];
  /** Where keys and the baseline see files from. */
  readonly folder: string;
  /** Paths from the working directory, and workloads. */
  readonly inputs: readonly string[];
  /** Their files from the working directory. */
  readonly policies: readonly string[];
  readonly heaps: readonly string[];
  readonly seed: number;
  readonly from?: string;
  readonly repeat?: number | "until-refused";
  readonly strict: boolean;
  readonly rules: Rules;
  readonly baseline: string;
}

/** One file of those that make up a configuration. */
interface Layer {
  readonly file: string;
  readonly json: LocatedJson;
  readonly own: ConfigDocument;
}

/** The file in the working directory, unless another is named. Throws `FILE:LINE: ...`. */
export async function readConfig(named?: string): Promise<Config> {
  const file = named ?? (await configFile());
  const layers = await layersOf(file);
  const folder = dirname(file);
  const last = <K extends keyof ConfigDocument>(
    key: K,
  ): { layer: Layer; value: ConfigDocument[K] } | undefined => {
    const layer = layers.findLast(({ own }) => own[key] !== undefined);
    return layer && { layer, value: layer.own[key] };
  };
  const stated = (key: "inputs" | "policies" | "heap") => {
    const found = last(key);
    if (!found)
      throw new ConfigError(layers[layers.length - 1].json.describe([], `the key "${key}" is missing`));
    return { layer: found.layer, list: listOf(found.value) };
  };
  const inputs = stated("inputs");
  const policies = stated("policies");
  const baseline = last("baseline");
  const from = last("from")?.value;
  const repeat = last("repeat")?.value;
  return {
    file,
    layers: layers.map((layer) => layer.file),
    folder,
    inputs: await filesOf(inputs.layer, inputs.list),
    policies: await policiesOf(policies.layer, policies.list),
    heaps: stated("heap").list,
    seed: last("seed")?.value ?? 1,
    ...(from !== undefined && { from: String(from) }),
    ...(repeat !== undefined && { repeat }),
    strict: last("strict")?.value ?? false,
    rules: new Rules(
      layers.flatMap(({ own }) => (own.rules ?? []).map(ruleOf)),
      last("metrics")?.value,
    ),
    baseline: baseline?.value
      ? seenFrom(dirname(baseline.layer.file), baseline.value)
      : join(folder, BASELINE_FILE),
  };
}

/** `path` as the configuration's folder sees it, with slashes: so keys have it. */
export const pathIn = ({ folder }: Pick<Config, "folder">, path: string): string =>
  relative(folder, path).split(sep).join("/");

async function configFile(): Promise<string> {
  if (existsSync(CONFIG_FILE)) return CONFIG_FILE;
  const file = "package.json";
  if (existsSync(file) && parseJson(await readTextFile(file), file).at([KEY]) !== undefined) return file;
  throw new ConfigError(
    `there is no ${CONFIG_FILE} here and no key "${KEY}" in a package.json; the smallest one is ` +
      `{"inputs": ["t.trace"], "policies": ["first-fit"], "heap": "8MiB"}, and another is named with --config FILE`,
  );
}

/** Those that `file` extends come before it, each once. `by` are the files that led here, `done` those that are read. */
async function layersOf(
  file: string,
  by: readonly string[] = [],
  done = new Set<string>(),
): Promise<Layer[]> {
  const whole = parseJson(await readTextFile(file), file);
  const json = basename(file) === "package.json" ? inside(whole, [KEY]) : whole;
  if (json.value === undefined) throw new ConfigError(whole.describe([], `the key "${KEY}" is missing`));
  const own = checkConfig(json);
  const layers: Layer[] = [];
  const leading = [...by, identity(file)];
  for (const [i, base] of listOf(own.extends).entries()) {
    const path = Array.isArray(own.extends) ? ["extends", i] : ["extends"];
    const other = seenFrom(dirname(file), base);
    await at(json, path, async () => {
      if (leading.includes(identity(other))) throw new Error(`${other} extends itself`);
      await readTextFile(other);
    });
    if (!done.has(identity(other))) layers.push(...(await layersOf(other, leading, done)));
  }
  done.add(identity(file));
  return [...layers, { file, json, own }];
}

async function filesOf({ file, json }: Layer, given: readonly string[]): Promise<string[]> {
  const folder = dirname(file);
  const found = new Set<string>();
  for (const [i, input] of given.entries())
    await at(json, ["inputs", i], async () => {
      const path = isWorkload(input) ? input : seenFrom(folder, input);
      if (isWorkload(input) || existsSync(path) || !/[*?[{]/.test(input)) {
        checkInput(path);
        found.add(path);
        return;
      }
      const names = await glob(input, {
        cwd: folder,
        ignore: "**/node_modules/**",
        expandDirectories: false,
      });
      if (names.length === 0) throw new Error(`no file fits ${input}`);
      for (const name of names.sort()) found.add(seenFrom(folder, name));
    });
  return [...found];
}

async function policiesOf({ file, json }: Layer, given: readonly string[]): Promise<string[]> {
  const policies = given.map((policy) => policyIn(dirname(file), policy));
  for (const [i, policy] of policies.entries()) await at(json, ["policies", i], () => loadPolicy(policy));
  return policies;
}

const seenFrom = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));

async function at(json: LocatedJson, path: Path, check: () => unknown): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw new ConfigError(json.describe(path, (error as Error).message));
  }
}
