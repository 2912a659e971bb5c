/** A redis-server of a test's own: on loopback, on a free port, with nothing on a disk. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const PROGRAM = ["redis-server", "valkey-server"].find((name) => {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Why tests with Redis are skipped; CI has it. */
export const withoutRedis = PROGRAM === undefined && !process.env.CI ? "there is no redis-server" : undefined;

export class RedisServer {
  private server: ChildProcess | undefined;
  private port = 0;

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Again on the same port, and knowing nothing, if it was stopped. */
  async start(): Promise<this> {
    if (!PROGRAM) throw new Error("there is no redis-server; install it, or valkey-server");
    this.port ||= await freePort();
    const options = { port: this.port, bind: "127.0.0.1", save: "", appendonly: "no", daemonize: "no" };
    const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
    this.server = spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface(this.server.stdout!))
      if (/ready to accept connections/i.test(line)) break;
    this.server.stdout!.resume();
    return this;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, "close");
  return port;
}
