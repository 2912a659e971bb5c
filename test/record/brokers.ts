/** Real brokers to stand a proxy before: Debian's mosquitto as a process, and aedes in this one. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";

export interface RunningBroker {
  /** By transport. */
  readonly ports: Readonly<Record<"tcp" | "websocket", number>>;
  stop(): Promise<void>;
}

export async function startMosquitto(): Promise<RunningBroker> {
  const folder = mkdtempSync(join(tmpdir(), "heapscape-mqtt-"));
  const ports = { tcp: await freePort(), websocket: await freePort() };
  const listener = (port: number) => `listener ${port} 127.0.0.1\n`;
  const lines = `allow_anonymous true\n${listener(ports.tcp)}${listener(ports.websocket)}protocol websockets\n`;
  writeFileSync(join(folder, "my.conf"), lines);
  const broker: ChildProcess = spawn("mosquitto", ["-c", join(folder, "my.conf")], { stdio: "ignore" });
  await Promise.all(Object.values(ports).map(listens));
  return {
    ports,
    stop: async () => {
      broker.kill("SIGTERM");
      if (broker.exitCode === null) await new Promise((ended) => broker.once("exit", ended));
      rmSync(folder, { recursive: true });
    },
  };
}

export async function startAedes(): Promise<RunningBroker> {
  const broker = await Aedes.createBroker();
  const tcp = createServer((socket) => broker.handle(socket));
  await listening(tcp);
  const websocket = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  websocket.on("connection", (socket, request) => broker.handle(createWebSocketStream(socket), request));
  await new Promise((ready) => websocket.once("listening", ready));
  const port = (server: { address(): unknown }) => (server.address() as { port: number }).port;
  return {
    ports: { tcp: port(tcp), websocket: port(websocket) },
    stop: async () => {
      await new Promise<void>((closed) => broker.close(() => closed()));
      for (const client of websocket.clients) client.terminate();
      websocket.close();
      tcp.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

const listening = (server: Server) => new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));

async function listens(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((answer) => {
      const socket = connect(port, "127.0.0.1", () => answer(socket.end() !== undefined));
      socket.once("error", () => answer(false));
    });
    if (open) return;
    await setTimeout(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
