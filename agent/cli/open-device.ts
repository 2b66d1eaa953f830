import { existsSync, readFileSync } from "node:fs";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { machineLocks, pathLocks } from "../../common/runtime/machine-locks.ts";
import type { ProcessLock } from "../../common/runtime/process-lock.ts";
import { realPath } from "../../common/runtime/real-path.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { openCaptureFile } from "../capture/file.ts";
import { recordRadio } from "../capture/recording-radio.ts";
import type { Target } from "../polling/device-connection.ts";
import { openRadio } from "../radio/open-radio.ts";
import { type Radio, RadioError } from "../radio/radio.ts";
import type { DeviceOptions, PinSource } from "./device-options.ts";

/** A device that no other agent on this machine may use meanwhile, and the radio to it. */
export interface OpenDevice {
  readonly radio: Radio;
  readonly target: Target;
  /** Ends every link and unlocks the device. */
  release(): Promise<void>;
}

export interface OpenDeviceDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** BlueZ takes up to 2.6 s to end a link. */
const CLOSE_MS = 3_500;

/** Locks the device and opens the radio; makes no connection yet. @throws {UsageError} {RadioError} */
export async function openDevice(options: DeviceOptions, { clock, log }: OpenDeviceDeps): Promise<OpenDevice> {
  const { address, drivers } = options;
  const pin = options.pin && readPin(options.pin);
  const record = options.capture === undefined ? undefined : openCaptureFile(options.capture, log);
  const lock = await lockDevice(options);
  const plain = await openRadio({ ...options.radio, device: address, ...(pin && { pin }) }, { clock, log });
  const radio = record ? recordRadio(plain, { drivers, write: record, clock }) : plain;
  return {
    radio,
    target: { address, drivers, settings: pin === undefined ? {} : { pin } },
    async release() {
      await withDeadline(clock, CLOSE_MS, radio.close(), () => new Error("the radio did not close in time")).catch(
        (error: Error) => log.warn(`${error.message}: ${address} may stay connected for a while`),
      );
      await lock.release();
    },
  };
}

const PIN_FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist: create it, with the password on its only line",
  EACCES: "may not be read by this user: let this user read it",
  EISDIR: "is a directory: name a file in it",
};

/** The password itself; undefined for a credential that is empty. @throws {UsageError} that never contains it */
export function readPin(source: PinSource): string | undefined {
  if ("text" in source) return source.text;
  return "credential" in source ? readCredential(source.credential) : readPinFile(source.file);
}

/** @throws {UsageError} where it has more than one line */
function readCredential(file: string): string | undefined {
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (/[\r\n]/.test(text)) throw new UsageError("the service's credential pin must hold the password on its only line");
  return text || undefined;
}

/** @throws {UsageError} that never contains the password */
export function readPinFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--pin-file ${file} ${PIN_FILE_FAULTS[code ?? ""] ?? `cannot be read: ${message}`}`, {
      cause: error,
    });
  }
  if (text === "" || /[\r\n]/.test(text))
    throw new UsageError(`--pin-file ${file} must hold the password on its only line`);
  return text;
}

/** @throws {RadioError} busy @throws {LockError} */
async function lockDevice({ address, radio }: DeviceOptions): Promise<ProcessLock> {
  const simulator = radio.kind === "simulated" ? radio.simulator : undefined;
  const lock = simulator
    ? await pathLocks().exclusive(`device ${address} on ${realPath(simulator)}`)
    : await machineLocks().exclusive(`device ${address} on air`);
  if (lock) return lock;
  throw new RadioError(
    "busy",
    `${address} is read by another bms-agent on this machine: stop that one first (systemctl status 'bms-agent@*')`,
  );
}
