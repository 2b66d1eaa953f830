import { openSync, writeSync } from "node:fs";
import { systemClock } from "../common/runtime/clock.ts";
import { createLog } from "../common/runtime/log.ts";
import { STOP_SIGNALS } from "../common/runtime/stop-signals.ts";
import { UsageError } from "../common/runtime/usage-error.ts";
import { connectSimulator, SimulatorError } from "./control-client.ts";
import { parseCommand, type RunOptions, type SimulatorCommand } from "./options.ts";
import { SocketTaken, serveSimulator } from "./server.ts";
import { createSimulator } from "./simulator.ts";

const log = createLog("info", { name: "simulator" });

async function run({ socket, devices, log: logFile, requests, seed, latencyMs, faults }: RunOptions): Promise<void> {
  const stopped = new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
  const writeLog = openLog(logFile);
  const writeRequest = openLog(requests);
  const simulator = createSimulator({
    clock: systemClock,
    seed,
    latencyMs,
    devices,
    onAnswer: (answer) => writeLog(`${JSON.stringify(answer)}\n`),
    onRequest: (request) => writeRequest(`${JSON.stringify(request)}\n`),
  });
  for (const { device, fault } of faults) simulator.set(device, fault);
  const server = await serveSimulator(simulator, socket, systemClock);
  log.info(`listening at ${socket}: ${simulator.devices.length} devices`);
  await stopped;
  await server.close();
}

/** Opens a log; the function returned appends a line immediately. @throws {UsageError} */
function openLog(file: string | undefined): (line: string) => void {
  if (file === undefined) return () => {};
  if (file === "-") return (line) => process.stdout.write(line);
  try {
    const descriptor = openSync(file, "a");
    return (line) => writeSync(descriptor, line);
  } catch (cause) {
    throw new UsageError(`cannot write the log: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

async function control(command: Exclude<SimulatorCommand, { name: "run" }>): Promise<void> {
  const client = await connectSimulator(command.socket);
  try {
    switch (command.name) {
      case "set":
        return await client.set(command.device, command.fault);
      case "clear":
        return await client.clear(command.device, command.fault);
      case "drop":
        return await client.drop(command.device, command.reason);
      case "alarm":
        return await client.alarm(command.device, command.protection, command.on);
      case "cut-power":
        return await client.cutPower(command.device);
      case "memory":
        for (const device of await client.memory(command.device)) process.stdout.write(`${JSON.stringify(device)}\n`);
        return;
      case "status":
        for (const device of await client.status()) process.stdout.write(`${JSON.stringify(device)}\n`);
    }
  } finally {
    client.close();
  }
}

const command = parseCommand(process.argv.slice(2));
try {
  await (command.name === "run" ? run(command.options) : control(command));
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof SocketTaken) && !(error instanceof SimulatorError)) throw error;
  log.error(error.message);
  process.exitCode = isUsage ? 2 : 1;
}
