import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { text } from "../../src/traces/text.ts";
import { writeText } from "../../src/traces/text-writer.ts";
import { anyGraph, anyTrace, contents, encode, join, messageOf, read, SEED } from "./traces.ts";

const parse = (lines: string, file = "broken.trace") => read(text, [encode(lines)], file);
const written = (trace: Parameters<typeof writeText>[0]) => new TextDecoder().decode(join(writeText(trace)));

const SAMPLE = [
  "# a comment",
  "a 1 37",
  "# phase load-start blog (mosquitto_sub)  t=0.596s",
  "c 2 3 40",
  "m 3 64 100",
  "",
  "r 1 4096",
  "f 2",
  "a 2 0",
  "# phase end",
  "",
].join("\n");

describe("plain text", () => {
  it("is read event by event, with its phases", () => {
    expect(contents(parse(SAMPLE))).toMatchObject({
      events: 6,
      objects: 4,
      op: [0, 1, 2, 3, 4, 0],
      id: [1, 2, 3, 1, 2, 2],
      bytes: [37, 120, 100, 4096, 0, 0],
      argument: [0, 3, 64, 0, 0, 0],
      phases: [
        { event: 1, name: "load-start", detail: "blog (mosquitto_sub)  t=0.596s" },
        { event: 6, name: "end", detail: "" },
      ],
    });
  });

  it("may have CRLF, blanks and tabs, a byte order mark, and no end of its last line", () => {
    const odd = `\uFEFF${SAMPLE.replaceAll("\n", "\r\n").replaceAll("a 1", " a\t 1")}f 1  `;
    const trace = parse(odd);
    expect({ ...contents(trace), hash: "" }).toEqual({ ...contents(parse(`${SAMPLE}f 1\n`)), hash: "" });
    expect(parse("a 1 5\r\n\r\nf 1\r").events).toBe(2);
    expect(parse("").events).toBe(0);
    expect(parse("\n \n\t\r\n").events).toBe(0);
  });

  it("says so when lines end with CR", () => {
    const told = "its lines end with CR; they must end with LF or CRLF";
    for (const [lines, where] of [
      ["a 1 5\rf 1\r", '1: $: "a 1 5\\rf 1"'],
      ["# made by hand\ra 1 5\r", '1: $: "# made by hand\\ra 1 5"'],
      ["a 1 5\nf 1\ra 2 5\r\n", '2: $: "f 1\\ra 2 5"'],
      ["a 1 5\n\r\ra 2 5\n", '2: $: "a 2 5"'],
      ["a 1 5\r\r\n", '1: $: "a 1 5"'],
    ])
      expect(messageOf(() => parse(lines, "x"))).toBe(`TraceError: x:${where.replace("$", told)}`);
    const long = "a 1 5\rf 1\r".repeat(200_000);
    expect(messageOf(() => parse(long, "x"))).toContain(`TraceError: x:1: ${told}: "a 1 5\\rf 1\\r`);
    expect(parse("# 50%\r# 100%\na 1 5\n").events).toBe(1);
  });

  it("is the same wherever it is cut into pieces", () => {
    const bytes = encode(SAMPLE.replaceAll("f 2\n", "f 2\r\n"));
    const expected = contents(read(text, [bytes]));
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(contents(read(text, [bytes.subarray(0, cut), bytes.subarray(cut)]))).toEqual(expected);
    expect(
      contents(
        read(
          text,
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
      ),
    ).toEqual(expected);
  });

  it("ends where its last bytes are a line without its number", () => {
    for (const line of ["a \n", "f \n", "r 1 \n", "c 1 \n", "c 1 2 \n", "m 1 \n"])
      expect(messageOf(() => read(text, [encode(line)]))).toContain("x:1: a field is missing");
  });

  it("names the line of an impossible request, wherever it lies among those that are read at a time", () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `a ${i} ${i}`);
    for (const at of [0, 1, 31, 32, 33, 4095, 4096, 4097, 9999])
      for (const [line, message] of [
        ["f 123456", "free of object 123456, which is not live (it was never allocated)"],
        ["r 1234567890 5", "realloc of object 1234567890, which is not live (it was never allocated)"],
        ["c 123456 70000 70000", "70000 * 70000 bytes are more than the limit of 2147483647"],
        ["m 123456 24 1", "alignment 24 is not a power of two up to 1073741824"],
        ["a 123456  2147483648", "2147483648 bytes are more than the limit of 2147483647"],
        ["a 123456 ", "a field is missing, it takes a ID SIZE [FIELDS]"],
        ["a -1 5", '"-1" is no whole number in decimal digits'],
      ]) {
        const file = ["# first", ...lines.slice(0, at), line, ...lines.slice(at)].join("\n");
        expect(messageOf(() => parse(file, "x"))).toBe(
          `TraceError: x:${at + 2}: ${message}: ${JSON.stringify(line.trim())}`,
        );
      }
    const twice = [...lines, "a 77 1", "f 77"].join("\r\n");
    expect(messageOf(() => parse(twice, "x"))).toBe(
      'TraceError: x:10001: object 77 is allocated while it is live: "a 77 1"',
    );
    const graph = "a 1 8 1\na 2 8\nr 2 9\nf 3\n";
    expect(messageOf(() => parse(graph, "x"))).toContain(
      "TraceError: x:3: realloc of object 2: a trace with",
    );
  });

  it("is the same however its lines are written", () => {
    fc.assert(
      fc.property(anyTrace, fc.infiniteStream(fc.nat(12)), (trace, odd) => {
        const lines = written(trace).split("\n");
        const strange = lines.map((line) => {
          const how = line.startsWith("#") ? 12 : odd.next().value;
          if (how === 0) return line.replaceAll(" ", "  ");
          if (how === 1) return `\t${line}`;
          return how === 2 ? `${line}\r` : how === 3 ? `\n# here\n${line}` : line;
        });
        const once = contents(parse(lines.join("\n")));
        expect(contents(parse(strange.filter((line) => line !== "\r").join("\n")))).toEqual(once);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it("is written and read again without a difference", () => {
    fc.assert(
      fc.property(fc.oneof(anyTrace, anyGraph), fc.integer({ min: 1, max: 50 }), (trace, length) => {
        const bytes = join(writeText(trace));
        const pieces = [];
        for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
        expect(contents(read(text, pieces))).toEqual(contents(trace));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("is written as a person would write it", () => {
    const lines =
      "a 1 37\n# phase load-start blog\nc 2 3 40\nm 3 64 100\nr 1 4096\nf 2\na 2 0\nf 2147483647\n# phase end\n";
    expect(written(parse(`a 2147483647 2147483647\n${lines}`))).toBe(`a 2147483647 2147483647\n${lines}`);
  });

  it("has object graphs in one line an event, with ids from 0", () => {
    const lines =
      "a 0 40 3\na 1 16\ns 0 2 1\ns 0 2 -1\ns 0 0 0\no 0\n+ 1\np\ny\n- 1\ng\nx 0\nf 1\na 1 24 1\ns 0 1 1\n";
    const trace = parse(lines);
    expect(written(trace)).toBe(lines);
    expect(trace).toMatchObject({ events: 15, objects: 3, rows: 2, graph: true });
    expect(written(parse("a 5 40 0\n"))).toBe("a 5 40\n");
    expect(parse("a 1 8\ng\n").graph).toBe(false);
  });

  it("is written in pieces, whatever its length", () => {
    const lines = Array.from({ length: 40000 }, (_, i) => `a ${i} ${i * 1000}\n`).join("");
    const pieces = [...writeText(parse(lines))];
    expect(new TextDecoder().decode(join(pieces))).toBe(lines);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(65536);
  });

  it("keeps the fidelity and the anomalies of a trace that came from a foreign format", () => {
    const lines = "# fidelity partial\n# anomaly 3 free of an unknown object\na 1 2\n";
    expect(parse(lines)).toMatchObject({
      fidelity: "partial",
      anomalies: [{ kind: "free of an unknown object", count: 3 }],
    });
    expect(written(parse(lines))).toBe(lines);
  });

  it("has comments that look like a marker and are none", () => {
    const comments =
      "#phase x\n# phases 3\n# phase-x y\n# fidelity high\n# anomaly none\n# fidelity\n#\n# phase: 1\n";
    expect(parse(comments)).toMatchObject({ phases: [], fidelity: "exact", anomalies: [], events: 0 });
  });

  const errors: [lines: string, message: string][] = [
    ["a 1 5\nf 9\n", ':2: free of object 9, which is not live (it was never allocated): "f 9"'],
    ["a 1 5\nf 1\nf 1\n", ':3: free of object 1, which is not live (it was freed before): "f 1"'],
    ["r 4 5\n", ':1: realloc of object 4, which is not live (it was never allocated): "r 4 5"'],
    ["a 1 5\n\n# x\r\na 1 6\r\n", ':4: object 1 is allocated while it is live: "a 1 6"'],
    ["a 1 5000000000", ':1: 5000000000 bytes are more than the limit of 2147483647: "a 1 5000000000"'],
    ["c 1 65536 65536", ':1: 65536 * 65536 bytes are more than the limit of 2147483647: "c 1 65536 65536"'],
    ["a 2147483648 5", ':1: object 2147483648 is beyond the largest id, 2147483647: "a 2147483648 5"'],
    ["a 1 99999999999999999999", ':1: a number is too large: "a 1 99999999999999999999"'],
    [`a 1 ${"9".repeat(400)}`, `:1: a number is too large: "a 1 ${"9".repeat(76)}..."`],
    ["m 1 48 5", ':1: alignment 48 is not a power of two up to 1073741824: "m 1 48 5"'],
    ["a 1 5 # five", ':1: a comment takes a line of its own: "a 1 5 # five"'],
    ["q 1 5", ':1: unknown operation: "q 1 5"'],
    ["allocate 1 5", ':1: unknown operation: "allocate 1 5"'],
    ["so 1 5", ':1: unknown operation: "so 1 5"'],
    ["a1 5", ':1: unknown operation: "a1 5"'],
    ["A 1 5", ':1: unknown operation: "A 1 5"'],
    ["constructor 1 5", ':1: unknown operation: "constructor 1 5"'],
    ["\u00a0a 1 5", ':1: unknown operation: "a 1 5"'],
    ["a 1", ':1: a field is missing, it takes a ID SIZE [FIELDS]: "a 1"'],
    ["a", ':1: a field is missing, it takes a ID SIZE [FIELDS]: "a"'],
    ["c 1 5", ':1: a field is missing, it takes c ID COUNT SIZE: "c 1 5"'],
    ["m 1 5", ':1: a field is missing, it takes m ID ALIGN SIZE: "m 1 5"'],
    ["f", ':1: a field is missing, it takes f ID: "f"'],
    ["f 1 2", ':1: there is a field too many, it takes f ID: "f 1 2"'],
    ["r 1 2 3", ':1: there is a field too many, it takes r ID SIZE: "r 1 2 3"'],
    ["a 1 2 3 4", ':1: there is a field too many, it takes a ID SIZE [FIELDS]: "a 1 2 3 4"'],
    ["a one 5", ':1: "one" is no whole number in decimal digits: "a one 5"'],
    ["a -1 5", ':1: "-1" is no whole number in decimal digits: "a -1 5"'],
    ["a 1 5.5", ':1: "5.5" is no whole number in decimal digits: "a 1 5.5"'],
    ["a 1 0x10", ':1: "0x10" is no whole number in decimal digits: "a 1 0x10"'],
    ["a 1 5\r6\n", ':1: its lines end with CR; they must end with LF or CRLF: "a 1 5\\r6"'],
    ["# phase", ':1: a phase needs a name: "# phase"'],
    ["# phase x a\rb\n", ':1: the detail of phase x has more than one line: "# phase x a\\rb"'],
    ["a 1 5 16777217", ':1: 16777217 fields are more than the limit of 16777216: "a 1 5 16777217"'],
    ["a 1 5\ns 1 0 1", ':2: store into field 0 of object 1, which has 0 fields, from 0: "s 1 0 1"'],
    ["a 1 5 2\ns 1 2 -1", ':2: store into field 2 of object 1, which has 2 fields, from 0: "s 1 2 -1"'],
    ["a 1 5 2\ns 1 0 7", ':2: store of object 7, which is not live (it was never allocated): "s 1 0 7"'],
    ["a 1 5 2\ns 7 0 1", ':2: store into object 7, which is not live (it was never allocated): "s 7 0 1"'],
    ["a 1 5 2\ns 1 0 -2", ':2: "-2" is no whole number in decimal digits: "s 1 0 -2"'],
    ["a 1 5 2\ns 1 -1 1", ':2: "-1" is no whole number in decimal digits: "s 1 -1 1"'],
    ["a 1 5 2\ns 1 0 -1 3", ':2: there is a field too many, it takes s SRC FIELD DST: "s 1 0 -1 3"'],
    ["a 1 5 2\ns 1 0 -12", ':2: "-12" is no whole number in decimal digits: "s 1 0 -12"'],
    ["a 1 5 2\ns 1 0", ':2: a field is missing, it takes s SRC FIELD DST: "s 1 0"'],
    ["a 1 5\no 2", ':2: root of object 2, which is not live (it was never allocated): "o 2"'],
    ["a 1 5\nf 1\nx 1", ':3: unroot of object 1, which is not live (it was freed before): "x 1"'],
    ["a 1 5\n+", ':2: a field is missing, it takes + ID: "+"'],
    ["a 1 5\n- 1 2", ':2: there is a field too many, it takes - ID: "- 1 2"'],
    ["g 1", ':1: there is a field too many, it takes g: "g 1"'],
    [
      "a 1 5\no 1\nr 1 6",
      ':3: realloc of object 1: a trace with an object graph has no realloc; allocate a longer object, store it, and let go of the old one: "r 1 6"',
    ],
  ];
  it.each(errors)("says what is wrong with %j", (lines, message) => {
    expect(messageOf(() => parse(lines))).toBe(`TraceError: broken.trace${message}`);
    const bytewise = () =>
      read(
        text,
        Array.from(encode(lines), (byte) => Uint8Array.of(byte)),
        "broken.trace",
      );
    expect(messageOf(bytewise)).toBe(`TraceError: broken.trace${message}`);
  });

  it("refuses a line without end, and says on which line it began", () => {
    const endless = [
      encode("a 1 1\n# "),
      ...Array.from({ length: 20 }, () => new Uint8Array(1 << 16).fill(120)),
    ];
    expect(messageOf(() => read(text, endless, "x"))).toMatch(
      /^TraceError: x:2: the line is longer than 1048576 bytes: "# x/,
    );
    const long = parse(`# ${"x".repeat(100000)}\na 1 1\n`);
    expect(long.events).toBe(1);
  });

  it("is told by its first line that says something", () => {
    for (const head of [
      "a 1 5",
      "\n\n# x\nf 3\n",
      "# only comments",
      "  c 1 2 3\r\n",
      "\uFEFFa 1 5\n",
      "s 1 2 3\n",
      "a x",
    ])
      expect(text.detect(encode(head)), head).toBe(true);
    for (const head of [
      "",
      "hello\n",
      "v 10500 3\n",
      "= Start\n",
      "{}",
      "a\0 1 5\n",
      "allocate 1\n",
      "20000\n",
    ])
      expect(text.detect(encode(head)), head).toBe(false);
  });
});
