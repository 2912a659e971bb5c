/** What is replayed, in how large a heap; and the page's own buttons. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { helping } from "../state/appearance.ts";
import { WORKLOAD_PREFIX, WORKLOADS, workload } from "../state/catalogue.ts";
import { SCENARIOS } from "../state/scenarios.ts";
import { event, go, linkHere, nameOf, openFile, place, scenario } from "../state/session.ts";
import { theme, toggleTheme } from "../state/theme.ts";
import { Save } from "./save.tsx";
import { WorkloadOptions } from "./workload-options.tsx";

export function TopBar() {
  return (
    <header class="bar">
      <a class="mark" href="./" aria-label="Heapscape, to the start">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path d="M1 3h18v3H1zM1 8.5h7v3H1zM14 8.5h5v3h-5zM1 14h11v3H1z" fill="currentColor" />
          <path d="M8.75 8.5h4.5v3h-4.5zM12.75 14H19v3h-6.25z" fill="var(--hot-fill)" />
        </svg>
        <span class="mark-name">Heapscape</span>
      </a>
      <SourcePicker />
      <Setting
        name="heap"
        label="Heap"
        about="A size such as 16KiB, grow, or a multiple of peak live bytes such as 1.5x"
      />
      <Setting name="seed" label="Seed" about="A whole number; same seed, same trace" />
      <span class="spring" />
      <OpenFile />
      <Save />
      <Share />
      <button
        type="button"
        class="aside"
        onClick={toggleTheme}
        aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"}
      >
        {theme.value === "dark" ? "☀" : "☾"}
      </button>
      <button type="button" class="aside" onClick={() => (helping.value = true)}>
        Keys
      </button>
      <a class="aside to-handbook" href="handbook/index.html">
        Handbook
      </a>
    </header>
  );
}

function SourcePicker() {
  const { source } = place.value ?? {};
  const value = source ? `${source.kind} ${source.text.split(":")[0]}` : "";
  const listed = source?.kind === "scenario" || source?.kind === "workload";
  return (
    <div class="picker">
      <select
        aria-label="What is replayed"
        value={value}
        onChange={(change) => choose(change.currentTarget.value)}
      >
        {!listed && <option value={value}>{source ? nameOf(source) : ""}</option>}
        <optgroup label="Scenarios">
          {SCENARIOS.map(({ name, title }) => (
            <option key={name} value={`scenario ${name}`}>
              {title}
            </option>
          ))}
        </optgroup>
        <Workloads label="Workloads" graph={false} />
        <Workloads label="Workloads with references" graph />
      </select>
      {source?.kind === "workload" && <WorkloadOptions call={source.text} />}
    </div>
  );
}

function Workloads({ label, graph }: { label: string; graph: boolean }) {
  return (
    <optgroup label={label}>
      {WORKLOADS.filter((each) => each.graph === graph).map(({ name, summary }) => (
        <option key={name} value={`workload ${name}`} title={summary}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}

/** In a heap that is rather tight; garbage that is still to be found takes more. */
function choose(value: string): void {
  const [kind, text] = value.split(" ");
  if (kind !== "scenario" && kind !== "workload") return;
  const heap = kind === "workload" ? { heap: workload(text).graph ? "2.5x" : "1.25x" } : {};
  go({ source: { kind, text }, zoom: 0, top: 0, ...heap });
}

function Setting({ name, label, about }: { name: "heap" | "seed"; label: string; about: string }) {
  const value = String(place.value?.[name] ?? "");
  const fixed =
    name === "seed" &&
    (scenario.value
      ? !scenario.value.inputs[0].startsWith(WORKLOAD_PREFIX)
      : ["file", "open", "data"].includes(place.value?.source.kind ?? ""));
  return (
    <label class={`setting setting-${name}`} title={about}>
      {label}
      <input
        type="text"
        spellcheck={false}
        value={value}
        disabled={fixed}
        onChange={async (change) => {
          const field = change.currentTarget;
          const text = field.value.trim();
          const wanted = name === "heap" ? { heap: text } : { seed: Number(text) };
          if (!(await go({ ...wanted, ...(name === "heap" && { event: event.value }) }))) field.value = value;
        }}
      />
    </label>
  );
}

function OpenFile() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (press: KeyboardEvent) => {
      if (!(press.ctrlKey || press.metaKey) || press.key.toLowerCase() !== "o") return;
      press.preventDefault();
      input.current?.click();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        Open trace…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Trace file"
        onChange={(change) => {
          const [file] = change.currentTarget.files ?? [];
          if (file) openFile(file);
          change.currentTarget.value = "";
        }}
      />
    </>
  );
}

function Share() {
  const said = useSignal("Copy link");
  const say = (words: string) => {
    said.value = words;
    setTimeout(() => (said.value = "Copy link"), 2500);
  };
  return (
    <button
      type="button"
      title="Input, policies, cursor and view. A small trace that was opened here goes along."
      onClick={async () => {
        const link = await linkHere();
        if (link === undefined) return say("Too large for a link");
        try {
          await navigator.clipboard.writeText(link);
          say("Copied");
        } catch {
          history.replaceState(null, "", link);
          say("Copy the address");
        }
      }}
    >
      {said.value}
    </button>
  );
}
