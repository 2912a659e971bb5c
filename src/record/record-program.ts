/**
 * Runs a program under preload.c and makes a trace of it while it runs: constant memory, and a file that grows only as
 * far as the reader lags behind. However the program ends, what it did until then is in the trace.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { TraceBuilder } from "../traces/builder.ts";
import { HeaptraceWriter } from "../traces/heaptrace-writer.ts";
import type { Trace } from "../traces/trace.ts";
import { preloadLibrary } from "./preload.ts";
import { RawFile } from "./raw-file.ts";
import { RawRecords } from "./raw-records.ts";

export interface RecordSettings {
  /** The trace's name. */
  readonly name: string;
  /** Takes the `.heaptrace`, piece by piece. */
  readonly write: (piece: Uint8Array) => void;
  readonly progress?: (events: number, liveBytes: number) => void;
  /** Where the compiled library is kept; see preload.ts. */
  readonly cache?: string;
}

export interface ProgramRecording {
  /** Without its events, which have been written. */
  readonly trace: Trace;
  /** Calls of malloc and its family; all that the program made, if `lost` is 0. */
  readonly calls: number;
  /** Calls that are no event: of free(NULL), failed ones, those that a trace cannot say. */
  readonly left: number;
  /** Calls whose memory the program never saw: it was killed in the middle of them. */
  readonly unfinished: number;
  /** Records for which the disk had no room. */
  readonly lost: number;
  /** Forked processes, which were left out. */
  readonly children: number;
  /** What the program ended with: its status, or the signal that killed it. */
  readonly end: number | NodeJS.Signals;
}

const SHARED_MEMORY = "/dev/shm";
/** Milliseconds between two looks at what has been recorded. */
const PAUSE = 50;
/** These are passed on to the program, and are phases of the trace. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Throws an Error where the program cannot be started or does not load the library; then nothing was recorded. */
export async function recordProgram(
  command: readonly string[],
  { name, write, progress, cache }: RecordSettings,
): Promise<ProgramRecording> {
  const library = preloadLibrary(cache);
  if (/[\s:]/.test(library))
    throw new Error(`${library}: a path with blanks or colons cannot be given to LD_PRELOAD`);
  const folder = mkdtempSync(join(roomyMemory() ?? tmpdir(), "heapscape-"));
  const path = join(folder, "calls");
  const raw = new RawFile(path);
  try {
    const builder = new TraceBuilder(name, {
      chunk: (chunk, phases) => write(writer.chunk(chunk, phases)),
      passing: true,
    });
    const records = new RawRecords(builder);
    const writer = new HeaptraceWriter({
      recorded: ["time", "thread", "address", "site"],
      threads: builder.threads,
      sites: builder.sites,
    });
    write(writer.start());
    const marks: Mark[] = [];
    const end = await run(command, { library, path, marks, raw }, async () => {
      await drain(raw, records, marks);
      progress?.(builder.events, builder.liveBytes);
    });
    for (const { at, phase } of marks) {
      while (raw.drain(records, at));
      records.phase(phase);
    }
    raw.finish(records);
    if (raw.pid === 0)
      throw new Error(
        `${command[0]}: it did not load the recorder: it is linked statically, set-user-ID, or made for another machine`,
      );
    records.phase("end", typeof end === "number" ? `status ${end}` : end);
    if (raw.lost > 0) {
      builder.fidelity = "partial";
      builder.anomaly("lost event", raw.lost);
    }
    const trace = builder.finish();
    write(writer.end(trace));
    const { unfinished, lost } = raw;
    return {
      trace,
      calls: records.count,
      left: records.left,
      unfinished,
      lost,
      children: records.children.size,
      end,
    };
  } finally {
    raw.close();
    rmSync(folder, { recursive: true });
  }
}

/** Where files are in memory, if there is twice the room that a recording takes: there nobody waits for a disk. */
function roomyMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    accessSync(SHARED_MEMORY, constants.W_OK);
    return bavail * bsize >= 2 ** 28 ? SHARED_MEMORY : undefined;
  } catch {
    return undefined;
  }
}

/** A phase that begins at a record. */
interface Mark {
  readonly at: number;
  readonly phase: string;
}

interface Setup {
  readonly library: string;
  /** The raw file, and the phases that signals begin in it. */
  readonly path: string;
  readonly raw: RawFile;
  readonly marks: Mark[];
}

/** Starts the program, and calls `look` again and again until it has ended. */
async function run(
  [file, ...args]: readonly string[],
  { library, path, raw, marks }: Setup,
  look: () => Promise<void>,
): Promise<number | NodeJS.Signals> {
  const { LD_PRELOAD } = process.env;
  const program = spawn(file, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      LD_PRELOAD: LD_PRELOAD ? `${library}:${LD_PRELOAD}` : library,
      HEAPSCAPE_RECORDING: path,
    },
  });
  let end: number | NodeJS.Signals | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    program.once("error", (error) => reject(inWords(error, file)));
    program.once("exit", (status, signal) => {
      end = signal ?? status ?? 0;
      resolve();
    });
  });
  const restore = passSignals(program, (signal) => {
    marks.push({ at: raw.drawn, phase: signal.toLowerCase() });
  });
  try {
    while (end === undefined) {
      await Promise.race([ended, setTimeout(PAUSE)]);
      await look();
    }
  } finally {
    restore();
  }
  return end;
}

/** Reads what is there, with the phases in between; gives way to signals after each batch. */
async function drain(raw: RawFile, records: RawRecords, marks: Mark[]): Promise<void> {
  for (;;) {
    while (raw.drain(records, marks[0]?.at)) await setImmediate();
    if (marks.length === 0 || raw.read < marks[0].at) return;
    records.phase(marks.shift()!.phase);
  }
}

/** Signals go to the program instead of ending us, until the function that is returned is called. */
function passSignals(program: ChildProcess, note: (signal: NodeJS.Signals) => void): () => void {
  const restores = SIGNALS.map((signal) => {
    const before = process.listeners(signal);
    const pass = (): void => {
      note(signal);
      const typed = signal === "SIGINT" || signal === "SIGQUIT";
      if (!(typed && inForeground())) program.kill(signal);
    };
    process.removeAllListeners(signal);
    process.on(signal, pass);
    return () => {
      process.off(signal, pass);
      for (const listener of before) process.on(signal, listener);
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}

/** Whether the terminal sends what is typed, Ctrl-C, to us and to the program alike (proc(5): pgrp and tpgid). */
function inForeground(): boolean {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === foreground;
}

function inWords(error: NodeJS.ErrnoException, file: string): Error {
  if (error.code === "ENOENT") return new Error(`${file}: there is no such program`);
  if (error.code === "EACCES") return new Error(`${file}: no permission to run it`);
  return error;
}
