import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Bindings } from "./noble/bindings.ts";
import { type NobleTimeouts, nobleRadio } from "./noble/radio.ts";
import { type Radio, RadioError } from "./radio.ts";
import { simulatedBindings } from "./simulated/bindings.ts";

/** The words of `--radio`. */
export const RADIO_KINDS = ["auto", "bluez", "hci", "simulated"] as const;
export type RadioKind = (typeof RADIO_KINDS)[number];

export interface RadioChoice {
  readonly kind: RadioKind;
  /** `hci0`, or an adapter's address; absent where any will do. */
  readonly adapter?: string;
  /** The device's password, which may be the passkey of its link as well. */
  readonly pin?: string;
  /** Socket of the simulator. */
  readonly simulator?: string;
}

export interface Ground {
  readonly clock: Clock;
  readonly log: Log;
}

/** What a kind of radio stands on, and where its timing differs from noble.ts's own. */
export interface Footing {
  readonly bindings: Bindings;
  readonly timeouts?: Partial<NobleTimeouts>;
}

/** Native code and D-Bus are loaded by the kind that needs them, and by no other. @throws {RadioError} */
const FOOTINGS: Readonly<Record<RadioKind, (choice: RadioChoice, ground: Ground) => Promise<Footing>>> = {
  auto: bluez,
  bluez,
  async hci({ adapter }) {
    const { hciBindings } = await import("./hci/bindings.ts");
    return { bindings: await hciBindings(adapter) };
  },
  simulated: async ({ simulator }, { clock }) => {
    if (!simulator) {
      throw new RadioError(
        "adapter-missing",
        "the simulated radio needs a running simulator: set BMS_SIMULATOR to the socket of `npm run -s simulator -- --socket PATH`",
      );
    }
    return { bindings: simulatedBindings(simulator, clock) };
  },
};

const BLUEZ_TIMEOUTS: Partial<NobleTimeouts> = {
  // A slow machine takes its time to reach bluetoothd when many agents start together.
  adapterMs: 15_000,
  // What is absent leaves the adapter to the others soon.
  bites: 2,
  // These two include the waiting for the adapter's turn.
  scanStartMs: 50_000,
  connectMs: 50_000,
  disconnectMs: 5_000,
  operationMs: 8_000,
};

async function bluez({ kind, simulator, ...choice }: RadioChoice, { log }: Ground): Promise<Footing> {
  const { bluezBindings } = await import("./bluez/bindings.ts");
  return {
    bindings: bluezBindings({ log, ...choice }),
    timeouts: BLUEZ_TIMEOUTS,
  };
}

/** @throws {RadioError} where this computer cannot give such a radio */
export async function openRadio(choice: RadioChoice, ground: Ground): Promise<Radio> {
  const { bindings, timeouts } = await FOOTINGS[choice.kind](choice, ground);
  return nobleRadio(bindings, { ...ground, ...(timeouts && { timeouts }) });
}
