import type { Address } from "../../common/model/address.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Bindings } from "./noble/bindings.ts";
import { bindingsFromCentral } from "./noble/from-central.ts";
import { type NobleTimeouts, nobleRadio } from "./noble/radio.ts";
import { type Radio, RadioError } from "./radio.ts";
import { simulatedCentral } from "./simulated/central.ts";

/** The values of `--radio`. */
export const RADIO_KINDS = ["auto", "bluez", "hci", "simulated"] as const;
export type RadioKind = (typeof RADIO_KINDS)[number];

export interface RadioChoice {
  readonly kind: RadioKind;
  /** `hci0`, or an adapter's address; any adapter where absent. */
  readonly adapter?: string;
  /** The device's password, which may be the passkey of its link as well. */
  readonly pin?: string;
  /** Socket of the simulator. */
  readonly simulator?: string;
  /** The only device to look for; any where absent. The advertisements of others do not wake this process. */
  readonly device?: Address;
}

export interface RadioDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** The layer below the radio, and the timing that differs from the default. */
interface Backend {
  readonly bindings: Bindings;
  readonly timeouts?: Partial<NobleTimeouts>;
}

/** Native code and D-Bus are loaded only by the kind that needs them. @throws {RadioError} */
const BACKENDS: Readonly<Record<RadioKind, (choice: RadioChoice, deps: RadioDeps) => Promise<Backend>>> = {
  auto: bluez,
  bluez,
  async hci({ adapter }) {
    const { hciBindings } = await import("./hci/bindings.ts");
    return { bindings: await hciBindings(adapter) };
  },
  simulated: async ({ simulator, device }, { clock }) => {
    if (!simulator) {
      throw new RadioError(
        "adapter-missing",
        "the simulated radio needs a running simulator: set BMS_SIMULATOR to the socket of `npm run -s simulator -- --socket PATH`",
      );
    }
    return { bindings: bindingsFromCentral(simulatedCentral(simulator, clock, device)) };
  },
};

const BLUEZ_TIMEOUTS: Partial<NobleTimeouts> = {
  // A slow machine needs this long to reach bluetoothd when many agents start together.
  adapterMs: 15_000,
  // An absent device must not keep the adapter from other agents.
  scanWindows: 2,
  // These two include the wait for the adapter lease.
  scanStartMs: 50_000,
  connectMs: 50_000,
  disconnectMs: 5_000,
  operationMs: 8_000,
};

async function bluez({ adapter, pin, device }: RadioChoice, deps: RadioDeps): Promise<Backend> {
  const { bluezCentral } = await import("./bluez/central.ts");
  const options = { ...(adapter && { adapter }), ...(pin && { pin }), ...(device && { device }) };
  const central = bluezCentral(options, deps);
  return { bindings: bindingsFromCentral(central), timeouts: BLUEZ_TIMEOUTS };
}

/** @throws {RadioError} where this computer cannot provide such a radio */
export async function openRadio(choice: RadioChoice, deps: RadioDeps): Promise<Radio> {
  const { bindings, timeouts } = await BACKENDS[choice.kind](choice, deps);
  return nobleRadio(bindings, { ...deps, ...(timeouts && { timeouts }) });
}
