import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder, MINE, SMALL } from "./heapscape.ts";

const scenario = (more: object): string =>
  JSON.stringify(
    {
      title: "Small",
      question: "Does it fit?",
      look: [{ text: "Nothing." }],
      inputs: ["small.trace"],
      heap: "64",
      policies: ["first-fit"],
      ...more,
    },
    null,
    1,
  );

const FILES = {
  "small.trace": SMALL,
  "malformed.trace": "a 1 16\na 2 x\n",
  "unknown.trace": "a 1 16\nf 2\n",
  "dead.trace": "a 1 16\nf 1\n\nr 1 8\n",
  "twice.trace": "a 1 16\na 1 8\n",
  "large.trace": "a 1 2147483648\n",
  "empty.trace": "",
  "cr.trace": "a 1 16\rf 1\r",
  "key.json": scenario({ colour: "red" }),
  "policy.json": scenario({ policies: ["first-fit", "frist-fit"] }),
  "input.json": scenario({ inputs: ["gone.trace"] }),
  "syntax.json": '{\n "title": "Small"\n "question": ""\n}\n',
  "mine.ts": MINE,
  "open.ts": 'export default {\n  name: "x,\n};\n',
  "none.ts": "export const size: number = 1;\n",
  "throws.js": '\nthrow new Error("not today");\n',
};

describe("bad input is one clear line on stderr, and exit 2", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = new Folder(FILES);
    await folder.heapscape("convert", "small.trace", "-o", "whole.heaptrace");
    const bytes = folder.bytes("whole.heaptrace");
    folder.write("cut.heaptrace", bytes.slice(0, -10));
    const damaged = bytes.slice();
    damaged[bytes.length - 30] ^= 1;
    folder.write("damaged.heaptrace", damaged);
  });
  afterAll(() => folder.remove());

  const on = (input: string, ...more: string[]): string[] => ["run", input, "-a", "first-fit", ...more];
  const small = (...more: string[]): string[] => ["run", "small.trace", ...more];

  it.each<[string, string[], string | RegExp]>([
    [
      "a malformed line",
      on("malformed.trace"),
      'malformed.trace:2: "x" is no whole number in decimal digits: "a 2 x"',
    ],
    ["a free of what never was", on("unknown.trace"), /^unknown\.trace:2: free of object 2, .*: "f 2"$/],
    ["a realloc of what is dead", on("dead.trace"), /^dead\.trace:4: realloc of object 1, .*: "r 1 8"$/],
    [
      "an id allocated twice",
      on("twice.trace"),
      'twice.trace:2: object 1 is allocated while it is live: "a 1 8"',
    ],
    [
      "a size over the limit",
      on("large.trace"),
      /^large\.trace:1: 2147483648 bytes are more than the limit of /,
    ],
    [
      "lines that end with CR",
      on("cr.trace"),
      'cr.trace:1: its lines end with CR; they must end with LF or CRLF: "a 1 16\\rf 1"',
    ],
    ["an empty file", on("empty.trace"), /^empty\.trace: the file is empty/],
    ["a binary that ends early", on("cut.heaptrace"), /^cut\.heaptrace: ends early: /],
    ["a damaged binary", on("damaged.heaptrace"), /^damaged\.heaptrace: .* is damaged: its checksum is /],
    ["a missing file", on("gone.trace"), "gone.trace: there is no such file"],
    ["a folder", on("."), ".: it is a directory, not a file"],
    ["an unknown key in a scenario", on("key.json"), /^key\.json:\d+: .*colour/],
    [
      "an unknown policy in a scenario",
      on("policy.json"),
      /^policy\.json:\d+: unknown policy "frist-fit" \(did you mean "first-fit"/,
    ],
    ["a scenario's missing trace", on("input.json"), /^input\.json:\d+: gone\.trace: there is no such file/],
    ["a scenario that is no JSON", on("syntax.json"), /^syntax\.json:3:.*expected "," or "}"/],
    [
      "an unknown workload",
      on("workload:mqt"),
      'unknown workload "mqt" (did you mean "mqtt", "mqtt-hello", "mqtt-sessions"?)',
    ],
    ["an unknown option of a workload", on("workload:mqtt:x=1"), /^workload mqtt: unknown option "x"/],
    ["an unknown policy", small("-a", "frist-fit"), /^unknown policy "frist-fit" \(did you mean "first-fit"/],
    [
      "a policy that is like none",
      small("-a", "zzz"),
      /^unknown policy "zzz" \(known: first-fit, best-fit, .*, and \d+ more\)$/,
    ],
    [
      "an unknown option of a policy",
      small("-a", "first-fit:hedaer=4"),
      /^policy first-fit: unknown option "hedaer" \(did you mean "header"/,
    ],
    ["no policy", small(), "no policy is given; name one with -a POLICY (see: heapscape list policies)"],
    ["a missing policy file", small("-a", "./gone.ts"), "./gone.ts: there is no such file"],
    [
      "a policy file that cannot be read",
      small("-a", "./open.ts"),
      /^\.\/open\.ts: it cannot be loaded: SyntaxError: Unterminated string constant \(2:9\)$/,
    ],
    [
      "a policy file without a policy",
      small("-a", "./none.ts"),
      "./none.ts: it exports no policy; write: export default definePolicy({ name: ... })",
    ],
    [
      "a policy file that throws",
      small("-a", "./throws.js"),
      "./throws.js: it cannot be loaded: not today (line 2)",
    ],
    [
      "a wrong option of a policy file",
      small("-a", "./mine.ts:step=1"),
      'policy ./mine.ts: step is "1"; it must be a whole number from 8 to 64',
    ],
    [
      "no such heap",
      on("small.trace", "--heap", "12q"),
      'heap "12q" is no size; write grow, bytes as in 64KiB, or a multiple as in 1.5x',
    ],
    [
      "a heap of nothing",
      on("small.trace", "--heap", "0"),
      'heap "0" is too small; it takes at least 16 bytes',
    ],
    [
      "a heap out of reach",
      on("small.trace", "--heap", "100GiB"),
      /^small\.trace: first-fit, heap 100GiB: a heap of 107374182400 bytes is more than policy first-fit reaches/,
    ],
    [
      "a heap that does not grow",
      small("-a", "first-fit", "-a", "umm"),
      "small.trace: umm, heap grow: policy umm manages an arena of fixed size and cannot do with a heap that grows: give it one as in --heap 64KiB, or 1.5x the peak",
    ],
    [
      "no number of rounds",
      on("small.trace", "--repeat", "0"),
      'the repeat is "0"; it must be a number of rounds from 1, or until-refused',
    ],
    [
      "no rounds at all",
      on("small.trace", "--repeat", "until"),
      'the repeat is "until"; it must be a number of rounds from 1, or until-refused',
    ],
    [
      "no such seed",
      on("small.trace", "--seed", "-1"),
      'the seed is "-1"; it must be a whole number from 0 to 4294967295',
    ],
    [
      "an event behind the end",
      on("small.trace", "--from", "6"),
      "small.trace: there is no event 6; the last one is 5",
    ],
    [
      "an unknown phase",
      on("small.trace", "--from", "laod"),
      'small.trace: there is no phase "laod" (did you mean "load"?)',
    ],
    [
      "an unknown reporter",
      on("small.trace", "--reporter", "xml"),
      'unknown reporter "xml" (known: text, json, junit, markdown, html, csv, parquet, chrome-trace, and 2 more)',
    ],
    [
      "two reports on stdout",
      on("small.trace", "--reporter", "json", "--reporter", "text"),
      "two reporters would write to stdout; give one a file: text=FILE",
    ],
    ["an unknown option", small("--fro", "1"), "unknown option '--fro' (Did you mean --from?)"],
    ["no input", ["run"], "missing required argument 'input'"],
    ["an unknown command", ["rnu"], "unknown command 'rnu' (Did you mean run?)"],
    [
      "nothing that can be listed",
      ["list", "x"],
      /^command-argument value 'x' is invalid .*policies, workloads/,
    ],
    ["no such schema", ["schema", "x"], /^command-argument value 'x' is invalid/],
    [
      "an offsets call without a policy",
      ["offsets", "small.trace"],
      /^required option '-a, --policy <policy>' not specified/,
    ],
    ["a bad trace to offsets", ["offsets", "twice.trace", "-a", "first-fit"], /^twice\.trace:2: /],
    ["a bad trace to validate", ["validate", "twice.trace"], /^twice\.trace:2: /],
    ["a bad scenario to validate", ["validate", "key.json"], /^key\.json:\d+: .*colour/],
    [
      "an unknown format",
      ["convert", "small.trace", "--format", "txt"],
      'unknown trace format "txt" (did you mean "text"?)',
    ],
    [
      "a report into a folder that is not there",
      on("small.trace", "--reporter", "json=no/x.json"),
      "no/x.json: there is no such folder",
    ],
  ])("%s", async (_, args, message) => {
    const { status, stdout, stderr } = await folder.heapscape(...args);
    expect(stderr).toMatch(/^heapscape: [^\n]*\n$/);
    const told = stderr.slice("heapscape: ".length, -1);
    if (typeof message === "string") expect(told).toBe(message);
    else expect(told).toMatch(message);
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("is also no command at all, which helps on stderr", async () => {
    const { status, stdout, stderr } = await folder.heapscape();
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^Usage: heapscape .*\n[\s\S]*\n {2}run /);
    const asked = await folder.heapscape("--help");
    expect([asked.status, asked.stdout]).toEqual([0, stderr]);
  });

  it("writes no report when a later input is bad", async () => {
    const { status } = await folder.heapscape(
      "run",
      "small.trace",
      "twice.trace",
      "-a",
      "first-fit",
      "--reporter",
      "json=late.json",
    );
    expect(status).toBe(2);
    expect(folder.files.filter((name) => name.includes("late"))).toEqual([]);
  });
});
