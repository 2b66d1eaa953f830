import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../../simulator/random.ts";
import type { Attack, Target } from "./outcome.ts";
import { parseRecording, type RecordedConnection } from "./recorder.ts";

const SILENT_CONNECTIONS = 1_000;
/** Connections that are opened at the same moment: the machine's processor is slow. */
const OPENED_TOGETHER = 50;
/** A silent connection that was closed comes again after this time, ms. */
const SILENT_AGAIN_AFTER_MS = 10_000;
const AGAIN_AFTER_MS = 500;
/** Longest wait for an answer to recorded bytes, and of a connection that sends half a greeting, ms. */
const ANSWERED_WITHIN_MS = 3_000;
const GARBAGE_BYTES = 2_000;
/** Signature of ZMTP 3, without the rest of the greeting. */
const HALF_GREETING = Buffer.from("ff00000000000000017f03", "hex");

/** Connections below ZeroMQ. */
export function rawAttacks(target: Target): Attack[] {
  const random = seededRandom("attacker");
  const garbage = () => Buffer.from(Array.from({ length: GARBAGE_BYTES }, () => Math.floor(random() * 256)));
  return [
    { name: `${SILENT_CONNECTIONS} silent connections`, run: (until) => stayConnected(target, until) },
    { name: "half a greeting", run: (until) => repeat(target, until, (socket) => socket.write(HALF_GREETING)) },
    { name: "random bytes", run: (until) => repeat(target, until, (socket) => socket.write(garbage())) },
    { name: "recorded packets", run: (until) => replayAll(target, until) },
  ];
}

async function stayConnected(target: Target, until: AbortSignal) {
  let connections = 0;
  const stay = async () => {
    while (!until.aborted) {
      const socket = open(target, until);
      socket.once("connect", () => {
        connections += 1;
      });
      await closed(socket);
      await pause(SILENT_AGAIN_AFTER_MS, until);
    }
  };
  const all: Promise<void>[] = [];
  while (all.length < SILENT_CONNECTIONS && !until.aborted) {
    for (let i = 0; i < OPENED_TOGETHER; i++) all.push(stay());
    await pause(AGAIN_AFTER_MS, until);
  }
  await Promise.all(all);
  return { connections, answers: 0 };
}

async function repeat(target: Target, until: AbortSignal, speak: (socket: Socket) => void) {
  let connections = 0;
  while (!until.aborted) {
    const socket = open(target, until);
    connections += 1;
    speak(socket);
    await Promise.race([closed(socket), pause(ANSWERED_WITHIN_MS, until)]);
    socket.destroy();
    await pause(AGAIN_AFTER_MS, until);
  }
  return { connections, answers: 0 };
}

/** Sends what an agent once sent, each piece after as many bytes of the aggregator as the agent had then. */
async function replayAll(target: Target, until: AbortSignal) {
  const recorded = parseRecording(readFileSync(target.recording, "utf8")).filter(({ length }) => length > 1);
  let connections = 0;
  while (!until.aborted) {
    for (const connection of recorded) {
      connections += 1;
      await replay(target, until, connection);
    }
    await pause(AGAIN_AFTER_MS, until);
  }
  return { connections, answers: 0 };
}

async function replay(target: Target, until: AbortSignal, pieces: RecordedConnection): Promise<void> {
  const socket = open(target, until);
  let received = 0;
  const end = closed(socket);
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  for (const { afterBytes, bytes } of pieces) {
    const startedAt = performance.now();
    while (received < afterBytes && !socket.destroyed && performance.now() - startedAt < ANSWERED_WITHIN_MS) {
      await Promise.race([end, sleep(50)]);
    }
    if (socket.destroyed) return;
    socket.write(bytes);
  }
  await Promise.race([end, pause(ANSWERED_WITHIN_MS, until)]);
  socket.destroy();
}

function open({ host, port }: Target, until: AbortSignal): Socket {
  const socket = connect(port, host);
  const end = () => socket.destroy();
  setMaxListeners(0, until);
  until.addEventListener("abort", end);
  socket.once("close", () => until.removeEventListener("abort", end));
  return socket.on("error", () => {}).resume();
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});
