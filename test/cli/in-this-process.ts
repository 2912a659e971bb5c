/** A command run in the test's own process, which takes no time to start: files by their whole paths. */
import { Command } from "commander";
import { vi } from "vitest";
import type { Ended } from "./heapscape.ts";

/** What main.ts makes of what a command throws is main.ts's: here it is thrown. */
export async function inThisProcess(register: (program: Command) => void, ...args: string[]): Promise<Ended> {
  const program = new Command("heapscape").exitOverride();
  register(program);
  const told = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((piece) => {
      told[name] += piece;
      return true;
    }),
  );
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => [name, process.listeners(name)] as const);
  try {
    await program.parseAsync(args, { from: "user" });
    return { status: Number(process.exitCode ?? 0), ...told };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
    for (const [name, before] of listeners) {
      process.removeAllListeners(name);
      for (const listener of before) process.on(name, listener);
    }
  }
}
