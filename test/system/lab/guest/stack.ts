import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { until } from "../../../support/until.ts";
import { type RunningProcess, startProcess } from "./processes.ts";

const BLUEZ_STATE = "/var/lib/bluetooth";
const SYSTEM_BUS = "/run/dbus/system_bus_socket";
const BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd";

/** The system services beneath the agents. They run as root. */
export interface Stack {
  startBus(): Promise<void>;
  startBluetoothd(): Promise<void>;
  stopBus(signal: NodeJS.Signals): Promise<void>;
  stopBluetoothd(signal: NodeJS.Signals): Promise<void>;
  /** Powers the adapter, as an operator would with rfkill. */
  switchAdapter(to: "on" | "off"): void;
  /** For a machine without bluetoothd, which would do it. */
  bringAdapterUp(): void;
  /** Restarts bluetoothd with an empty memory of devices. */
  forgetDevices(): Promise<void>;
  /** Ends all services and empties BlueZ's memory of devices. */
  close(): Promise<void>;
}

export function createStack(logs: string): Stack {
  let bus: RunningProcess | undefined;
  let bluetoothd: RunningProcess | undefined;
  const root = { logs, user: { uid: 0, gid: 0 } };
  const stack: Stack = {
    async startBus() {
      rmSync(SYSTEM_BUS, { force: true });
      mkdirSync("/run/dbus", { recursive: true });
      bus = startProcess({
        ...root,
        name: "dbus-daemon",
        command: ["dbus-daemon", "--system", "--nofork", "--nopidfile"],
      });
      await until("the system bus", () => existsSync(SYSTEM_BUS), 10_000);
    },
    async startBluetoothd() {
      bluetoothd = startProcess({ ...root, name: "bluetoothd", command: [BLUETOOTHD, "--nodetach"] });
      await until("an adapter that is up", () => adapters().some(isUp), 20_000);
    },
    async stopBus(signal) {
      await bus?.stop(signal);
    },
    async stopBluetoothd(signal) {
      await bluetoothd?.stop(signal);
    },
    switchAdapter(to) {
      for (const name of adapters()) btmgmt(["--index", name.replace("hci", ""), "power", to]);
    },
    bringAdapterUp() {
      for (const name of adapters()) execFileSync("hciconfig", [name, "up"]);
    },
    async forgetDevices() {
      await stack.stopBluetoothd("SIGTERM");
      emptyMemory();
      await stack.startBluetoothd();
    },
    async close() {
      await bluetoothd?.stop("SIGKILL");
      await bus?.stop("SIGKILL");
      emptyMemory();
    },
  };
  return stack;
}

function emptyMemory(): void {
  rmSync(BLUEZ_STATE, { recursive: true, force: true });
  mkdirSync(BLUEZ_STATE, { recursive: true });
}

/** Names of the kernel's Bluetooth adapters; their links, which stand in the same folder, are left out. */
export function adapters(): string[] {
  const folder = "/sys/class/bluetooth";
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^hci\d+$/.test(name)) : [];
}

function isUp(adapter: string): boolean {
  return /UP RUNNING/.test(execFileSync("hciconfig", [adapter], { encoding: "utf8" }));
}

function btmgmt(args: readonly string[]): void {
  execFileSync("btmgmt", args, { stdio: "ignore", timeout: 10_000 });
}
