import { BusError } from "../dbus/bus-error.ts";
import { kernelDead } from "../kernel-faults.ts";
import { RadioError, type RadioFault, RESTART_BLUETOOTH } from "../radio.ts";

export interface Circumstances {
  /** What failed, for people: `A4:C1:37:00:00:01: read of ff01`. */
  readonly what: string;
  /** What the adapter suffers from now: it explains whatever failed. */
  readonly adapterFault: RadioError | undefined;
  /** Whether the kernel has survived an oops. */
  readonly hasOopsed: boolean;
}

interface Explanation {
  /** Of D-Bus' error name. */
  readonly error: RegExp;
  /** Of the text with it; any where absent. */
  readonly text?: RegExp;
  readonly fault: RadioFault;
  /** What it means, and what to do. */
  readonly meaning: string;
}

const PAIR = "it demands an encrypted link: give its passkey with --pin";
const WRONG =
  "is that its passkey? if it is, forget what was agreed before, with: bluetoothctl remove, and its address";
const OTHER = "another program on this computer is using it: close that program, or bluetoothctl disconnect the device";
const GONE = "bluetoothd is gone: it is waited for";

/** BlueZ's errors (5.66: src/error.c, src/gatt-client.c, src/device.c) and the bus' own; the first that matches counts. */
const EXPLANATIONS: readonly Explanation[] = [
  { error: /^bus\.timeout$/, fault: "timeout", meaning: `if this repeats: ${RESTART_BLUETOOTH}` },
  { error: /^bus\.ended$|ServiceUnknown$|NoReply$|NameHasNoOwner$/, fault: "daemon-gone", meaning: GONE },
  {
    error: /AccessDenied$/,
    fault: "not-permitted",
    meaning: "the message bus does not allow it: add this user to the group bluetooth",
  },
  {
    error: /UnknownObject$|UnknownMethod$|DoesNotExist$/,
    fault: "not-found",
    meaning: "bluetoothd does not know the device: it is looked for again",
  },
  { error: /NotReady$/, fault: "adapter-off", meaning: "the adapter is not ready: bluetoothctl power on" },
  { error: /NotConnected$/, fault: "disconnected", meaning: "link lost" },
  { error: /Failed$/, text: /not connected/i, fault: "disconnected", meaning: "link lost" },
  { error: /InProgress$/, fault: "busy", meaning: OTHER },
  { error: /NotPermitted$/, text: /acquired/i, fault: "busy", meaning: OTHER },
  {
    error: /(NotPermitted|NotAuthorized)$/,
    text: /pair|encrypt|authenticat|authoriz/i,
    fault: "pairing-needed",
    meaning: PAIR,
  },
  { error: /Authentication(Failed|Rejected|Canceled|Timeout)$/, fault: "pairing-needed", meaning: WRONG },
];

/** A failure of BlueZ's in our own words, BlueZ's in brackets; `otherwise` where it is none of the known ones. */
export function operationFault(error: unknown, circumstances: Circumstances, otherwise: RadioFault): RadioError {
  const { what, adapterFault, hasOopsed } = circumstances;
  if (adapterFault) return adapterFault;
  if (error instanceof RadioError) return error;
  if (!(error instanceof BusError)) throw error;
  if (error.error === "bus.timeout" && hasOopsed) return kernelDead({ cause: error });
  const known = EXPLANATIONS.find((row) => row.error.test(error.error) && (row.text?.test(error.text) ?? true));
  const meaning = known?.meaning ?? "the device refuses it";
  const message = `${what} failed (${error.text || error.error}): ${meaning}`;
  return new RadioError(known?.fault ?? otherwise, message, { cause: error });
}
