// cspell:ignore authenticat authoriz
import { BusError } from "../dbus/bus-error.ts";
import { kernelDead } from "../kernel.ts";
import { RadioError, type RadioFault, RESTART_BLUETOOTH } from "../radio.ts";

export interface Circumstances {
  /** The operation, for people: `A4:C1:37:00:00:01: read of ff01`. */
  readonly what: string;
  /** The present fault of the adapter: it explains any failure. */
  readonly adapterFault: RadioError | undefined;
  /** True once the kernel has survived an oops. */
  readonly hasOopsed: boolean;
}

interface Explanation {
  /** Matches the D-Bus error name. */
  readonly error: RegExp;
  /** Matches the text that comes with it; any text where absent. */
  readonly text?: RegExp;
  readonly fault: RadioFault;
  /** The meaning and the remedy. */
  readonly meaning: string;
}

const PAIR = "it demands an encrypted link: give its passkey with --pin";
const WRONG = "is that its passkey? if it is, remove the earlier pairing with: bluetoothctl remove, and its address";
const OTHER = "another program on this computer is using it: close that program, or bluetoothctl disconnect the device";
const GONE = "bluetoothd is gone: waiting for it";

/** Errors of BlueZ (5.66: src/error.c, src/gatt-client.c, src/device.c) and of the bus; the first match counts. */
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

/** Translates an error of BlueZ, whose own text follows in brackets; an unknown one gets the fault `otherwise`. */
export function operationError(error: unknown, circumstances: Circumstances, otherwise: RadioFault): RadioError {
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
