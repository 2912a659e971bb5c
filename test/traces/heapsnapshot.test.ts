import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sequenceOf } from "../../src/testing/sequences.ts";
import { TraceGraph } from "../../src/testing/trace-graph.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { sortedBy } from "../../src/traces/heapsnapshot/sorted-by.ts";
import { heapsnapshot } from "../../src/traces/heapsnapshot.ts";
import { detectFormat, readTrace } from "../../src/traces/read-trace.ts";
import { writeText } from "../../src/traces/text-writer.ts";
import { LARGEST_ID, type Trace } from "../../src/traces/trace.ts";
import { type Drawn, drawn, snapshotOf, written } from "./snapshots.ts";
import { contents, encode, join, messageOf, read } from "./traces.ts";

const textOf = (trace: Trace): string => new TextDecoder().decode(join(writeText(trace)));
const readAll = (text: string): Trace => read(heapsnapshot, [encode(text)]);
/** The events, without comments, in one line. */
const eventsOf = (given: Drawn): string =>
  textOf(readAll(written(drawn(given))))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join(" | ");
/** Whatever is reachable at the end. */
function heldAtEnd({ chunks }: Trace): number[] {
  const graph = new TraceGraph();
  for (const chunk of chunks) for (let i = 0; i < chunk.events; i++) graph.apply(chunk, i);
  return graph
    .reachable()
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

/** Weak edges and shortcuts, groups of roots, nodes without a size in the middle, circles, what nothing holds. */
const MIXED: Drawn = {
  nodes: [
    "1:0 3 ^19 5",
    "3:0 11 ~13 17",
    "5:0 3 5",
    "19:24 15",
    "11:16 9 7 1",
    "7:0 9 7",
    "9:8 11",
    "13:40 11",
    "15:32 ~9 ^13",
    "17:48",
  ],
};

describe("a heap snapshot", () => {
  it("becomes objects in the order of their ids, all held, references, what the roots do not hold, a collection", () => {
    const text = written(drawn({ nodes: ["1:0 3", "7:24 5", "3:0 7 9", "5:16", "9:8 5 7 5"] }));
    expect(textOf(readAll(text))).toBe(
      `# phase objects nodes=5 without-size=2
a 5 16
o 5
a 7 24 1
o 7
a 9 8 3
o 9
# phase references edges=7 weak-or-shortcut=0
s 7 0 5
s 9 0 5
s 9 1 7
s 9 2 5
# phase roots
x 5
# phase collection
g
`,
    );
  });

  it("keeps an object by every edge but the weak and the shortcuts, and through nodes without a size", () => {
    expect(eventsOf(MIXED)).toBe(
      "a 9 8 1 | o 9 | a 11 16 2 | o 11 | a 13 40 1 | o 13 | a 15 32 | o 15 | a 17 48 | o 17 | a 19 24 1 | o 19 | " +
        "s 9 0 11 | s 11 0 9 | s 11 1 9 | s 13 0 11 | s 19 0 15 | x 9 | x 13 | x 15 | x 19 | g",
    );
    expect(heldAtEnd(readAll(written(drawn(MIXED))))).toEqual([9, 11, 17]);
  });

  it("takes the order of the fields from the file", () => {
    const other: Drawn = {
      ...MIXED,
      nodeFields: ["edge_count", "self_size", "new", "id"],
      edgeFields: ["to_node", "new", "more", "type"],
      edgeTypes: ["weak", "shortcut", "property"],
    };
    expect(eventsOf(other)).toBe(eventsOf(MIXED));
  });

  it("takes the edges before the nodes", () => {
    const { snapshot, nodes, edges } = drawn(MIXED);
    expect(contents(readAll(JSON.stringify({ snapshot, edges, nodes })))).toEqual(
      contents(readAll(JSON.stringify({ snapshot, nodes, edges }))),
    );
  });

  it("reads the same wherever it is cut, with any blanks, a byte order mark and unknown members", async () => {
    const expected = contents(readAll(written(drawn(MIXED))));
    const odd = { "\\": 1, "nodes\\": [null, true, -1e5, { '"': ["}", "\\"] }], empty: {}, ...drawn(MIXED) };
    for (const text of [
      written(drawn(MIXED)),
      JSON.stringify(odd),
      `\ufeff\r\n${JSON.stringify(odd, null, "\t")}\n\n`,
    ]) {
      const bytes = encode(text);
      for (const length of [1, 2, 3, 5, 64, 1000, bytes.length]) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.slice(at, at + length));
        expect(contents(read(heapsnapshot, pieces))).toEqual(expected);
      }
    }
  });

  it("is told by its content, and read out of gzip; its fidelity is derived", async () => {
    const bytes = encode(written(drawn(MIXED)));
    expect(detectFormat(bytes, "x").name).toBe("heapsnapshot");
    const trace = await readTrace(new Uint8Array(gzipSync(bytes)), "x.txt");
    expect(trace).toMatchObject({ fidelity: "derived", graph: true, objects: 6, anomalies: [] });
    expect(() => detectFormat(encode('{"snapshot": 1}'), "x")).toThrow(/^x: no trace that is known/);
  });

  it("gives ids that no trace can have others that are free", () => {
    const ids = ["1:0 7", "7:8", "4294967290:8 7", `${LARGEST_ID - 1}:8`, "2147483648:8", `${LARGEST_ID}:8`];
    const renamed = [...eventsOf({ nodes: ids }).matchAll(/o (\d+)/g)].map(
      ([, id]) => LARGEST_ID - Number(id),
    );
    expect(renamed).toEqual([LARGEST_ID - 7, 1, 0, 3, 2]);
    expect(eventsOf({ nodes: ids })).toContain(`s ${LARGEST_ID - 2} 0 7`);
  });

  it("has what is not in the graph count as odd, unless that is an error", () => {
    const whole = written(drawn(MIXED));
    const early = whole.slice(0, whole.indexOf('"strings"') + 30);
    const short = whole.replace(/"edge_count":(?=\d)/, '"edge_count":1');
    const strictly = (text: string): string =>
      messageOf(() => {
        const reader = heapsnapshot.read(new TraceBuilder("x"), { file: "x", strict: true });
        reader.push(encode(text));
        reader.end();
      });
    for (const [text, kind] of [
      [early, "end of the file behind the graph, before the object is complete"],
      [short, "node_count or edge_count that is not the number of those that follow"],
    ]) {
      expect(readAll(text).anomalies).toEqual([{ kind, count: 1 }]);
      expect(strictly(text)).toBe(`TraceError: x: ${kind}`);
    }
    expect(strictly(whole)).toBe("nothing was thrown");
  });

  it("names what is wrong, and where", () => {
    const small = drawn({ nodes: ["1:0 3", "3:8 3 5", "5:16"] });
    const spoilt = (change: (copy: typeof small) => unknown): string => {
      const copy = structuredClone(small);
      return messageOf(() => readAll(JSON.stringify(change(copy) ?? copy)));
    };
    const replaced = (old: string, by: string): string =>
      messageOf(() => readAll(JSON.stringify(small).replace(old, by)));
    const messages = {
      "no object": messageOf(() => readAll("[1]")),
      "no snapshot": spoilt(({ nodes, edges }) => ({ nodes, edges })),
      "no nodes": spoilt(({ snapshot, edges }) => ({ snapshot, edges })),
      "no edges": spoilt(({ snapshot, nodes }) => ({ snapshot, nodes })),
      twice: replaced('"trace_tree"', '"edges"'),
      "no fields": spoilt(({ snapshot, ...rest }) => ({ snapshot: { ...snapshot, meta: {} }, ...rest })),
      "no id": replaced('"id"', '"number"'),
      "no types": replaced(
        '["context","element","property","internal","hidden","shortcut","weak"]',
        '"type"',
      ),
      "half a node": spoilt(({ nodes }) => void nodes.pop()),
      "half an edge": spoilt(({ edges }) => void edges.push(1)),
      "more edges": spoilt(({ edges }) => void edges.push(2, 2, 7)),
      "fewer edges": spoilt(({ edges }) => void edges.splice(0, 3)),
      "no such type": spoilt(({ edges }) => void (edges[0] = 7)),
      "in a node": spoilt(({ edges }) => void (edges[5] = 8)),
      "no such node": spoilt(({ edges }) => void (edges[5] = 70)),
      "same id": spoilt(({ nodes }) => void (nodes[16] = 3)),
      "too large": spoilt(({ nodes }) => void (nodes[10] = 2 ** 31)),
      "no nodes in nodes": spoilt((copy) => void copy.nodes.splice(0)),
      negative: replaced('"nodes":[7,7,1', '"nodes":[7,7,-1'),
      text: replaced('"nodes":[7,7,1', '"nodes":[7,7,"1"'),
      comma: replaced('"nodes":[7,7,1', '"nodes":[7,,1'),
      "last comma": replaced('],"edges"', ',],"edges"'),
      "no comma": replaced('"nodes":[7,7,1', '"nodes":[7 7,1'),
      "no list": replaced('"nodes":[', '"nodes":{'),
      colon: replaced('"nodes":', '"nodes"'),
      more: messageOf(() => readAll(`${JSON.stringify(small)} {`)),
      early: messageOf(() => readAll(JSON.stringify(small).slice(0, 440))),
      "early in meta": messageOf(() => readAll(JSON.stringify(small).slice(0, 70))),
      "early between": messageOf(() => readAll(JSON.stringify(small).split('"edges"')[0])),
    };
    expect(messages).toMatchInlineSnapshot(`
      {
        "colon": "TraceError: x: byte 375: expected a colon: "[7,7,1,0,1,7,7,7,7,3,8,2"",
        "comma": "TraceError: x: byte 379: a comma behind no number: ",1,0,1,7,7,7,7,3,8,2,7,7"",
        "early": "TraceError: x: it ends early, at byte 440, within "edges"",
        "early between": "TraceError: x: it ends early, at byte 421",
        "early in meta": "TraceError: x: it ends early, at byte 70, within "snapshot"",
        "fewer edges": "TraceError: x: the edges of node 1 end at 3; there are 2",
        "half a node": "TraceError: x: node 2 has 6 of 7 numbers",
        "half an edge": "TraceError: x: edge 3 has 1 of 3 numbers",
        "in a node": "TraceError: x: byte 441: edge 1: to_node 8 is not where a node begins, a multiple of 7: ",2,7,14],\\"trace_tree\\":[]"",
        "last comma": "TraceError: x: byte 420: a comma before no number: "],\\"edges\\":[2,7,7,2,7,7,2"",
        "more": "TraceError: x: byte 566: expected nothing more: "{"",
        "more edges": "TraceError: x: 1 of 4 edges belong to no node",
        "negative": "TraceError: x: byte 381: no whole number: "-1,0,1,7,7,7,7,3,8,2,7,7"",
        "no comma": "TraceError: x: byte 379: two numbers with no comma between them: "7,1,0,1,7,7,7,7,3,8,2,7,"",
        "no edges": "TraceError: x: it has no "edges"",
        "no fields": "TraceError: x: byte 53: snapshot.meta.node_fields is no list of names: ",\\"nodes\\":[7,7,1,0,1,7,7,"",
        "no id": "TraceError: x: byte 371: snapshot.meta.node_fields has no "id": ",\\"nodes\\":[7,7,1,0,1,7,7,"",
        "no list": "TraceError: x: byte 376: expected a list: "{7,7,1,0,1,7,7,7,7,3,8,2"",
        "no nodes": "TraceError: x: it has no "nodes"",
        "no nodes in nodes": "TraceError: x: there is no node, not even the root",
        "no object": "TraceError: x: byte 0: expected an object: "[1]"",
        "no snapshot": "TraceError: x: byte 8: "nodes" come before "snapshot", which says what is in them: ":[7,7,1,0,1,7,7,7,7,3,8,"",
        "no such node": "TraceError: x: edge 1 leads to node 10; there are 3",
        "no such type": "TraceError: x: byte 435: edge 0: its type is 7, of 7: ",2,7,7,2,7,14],\\"trace_tr"",
        "no types": "TraceError: x: byte 303: snapshot.meta.edge_types is no list of names: ",\\"nodes\\":[7,7,1,0,1,7,7,"",
        "same id": "TraceError: x: nodes 1 and 2 have the same id, 3",
        "text": "TraceError: x: byte 381: no whole number: "\\"1\\",0,1,7,7,7,7,3,8,2,7,"",
        "too large": "TraceError: x: byte 407: node 1: self_size 2147483648 is more than the limit of 2147483647: ",2,7,7,7,7,5,16,0,7,7],\\""",
        "twice": "TraceError: x: byte 457: there are two of "edges": ":[],\\"locations\\":[1,2,-3."",
      }
    `);
  });

  it("has no more references than edges, however many lead through a node without a size", () => {
    const ids = Array.from({ length: 3000 }, (_, i) => 2 * i + 5);
    const nodes = ["1:0 5", `3:0 ${ids.join(" ")}`, ...ids.map((id) => `${id}:8 3`)];
    const trace = readAll(written(drawn({ nodes })));
    expect(heldAtEnd(trace)).toEqual(ids);
    expect(trace.events).toBe(3000 * 2 + 3000 + 2999 + 1);
  });

  it("gives the edges of a node without a size to one that is reachable, if there is one", () => {
    const nodes = ["1:0 9", "3:8 5", "5:0 7 5 13", "7:8", "9:8 11", "11:8 5 5", "13:0 15", "15:8"];
    const trace = readAll(written(drawn({ nodes })));
    expect(heldAtEnd(trace)).toEqual([7, 9, 11, 15]);
    expect(eventsOf({ nodes })).toContain("| s 9 0 11 | s 11 0 7 | s 11 1 15 |");
  });

  it("of Node itself has as trace what the snapshot says, object by object", {
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(path(tmpdir(), "heapscape-snapshot-"));
    try {
      const file = path(folder, "node.heapsnapshot");
      snapshotOf([], file);
      const bytes = readFileSync(file);
      const trace = await readTrace(bytes, "node");
      expect(trace.anomalies).toEqual([]);
      expect(trace.objects).toBeGreaterThan(10_000);
      const said = naive(JSON.parse(bytes.toString()));
      expect([trace.objects, trace.peakLiveBytes]).toEqual([said.objects, said.bytes]);
      expect(heldAtEnd(trace).filter((id) => id < 2 ** 30)).toEqual(said.held.filter((id) => id < 2 ** 30));
      expect(heldAtEnd(trace).length).toBe(said.held.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What a snapshot says, by objects and sets. */
function naive({ snapshot, nodes, edges }: ReturnType<typeof drawn>) {
  const { node_fields, edge_fields, edge_types } = snapshot.meta;
  const [id, size, count] = ["id", "self_size", "edge_count"].map((name) => node_fields.indexOf(name));
  const [type, to] = ["type", "to_node"].map((name) => edge_fields.indexOf(name));
  const all = new Map<number, { id: number; size: number; to: number[] }>();
  let edge = 0;
  for (let at = 0; at < nodes.length; at += node_fields.length) {
    const targets: number[] = [];
    for (let i = 0; i < nodes[at + count]; i++, edge += edge_fields.length)
      if (!["weak", "shortcut"].includes(edge_types[type][edges[edge + type]]))
        targets.push(edges[edge + to]);
    all.set(at, { id: nodes[at + id], size: nodes[at + size], to: targets });
  }
  const reached = new Set([0]);
  for (const at of reached) for (const target of all.get(at)!.to) reached.add(target);
  const objects = [...all.values()].filter((node) => node.size > 0);
  const held = [...reached].map((at) => all.get(at)!).filter((node) => node.size > 0);
  return {
    objects: objects.length,
    bytes: objects.reduce((sum, node) => sum + node.size, 0),
    held: held.map((node) => node.id).sort((a, b) => a - b),
  };
}

describe("rows sorted by their keys", () => {
  it("are what a comparison sorts them to, equal ones in their order", () => {
    const below = sequenceOf(4);
    for (const length of [0, 1, 2, 50, 3000]) {
      const keys = Uint32Array.from({ length: 3000 }, () => below(2 ** 31) * 2 + below(2) - below(2 ** 31));
      for (let i = 0; i < 500; i++) keys[below(3000)] = 7;
      const rows = Uint32Array.from({ length }, () => below(3000));
      const sorted = [...rows].sort((a, b) => keys[a] - keys[b]);
      expect([...sortedBy(keys, rows)]).toEqual(sorted);
    }
  });
});
