import type { Address } from "../../../common/model/address.ts";
import { firstAborted, orAborted } from "../../../common/runtime/abort.ts";
import type { Connection } from "../central.ts";
import { linkLost } from "../link-loss.ts";
import { RadioError, type RadioFault } from "../radio.ts";
import type { AdapterLease, KeepTimes } from "../sharing/adapter-lease.ts";
import { type ConnectDeps, connectDevice, disconnectDevice } from "./connect.ts";
import { openGatt } from "./gatt.ts";
import { addressIn, type Path } from "./objects.ts";
import type { Pairing } from "./pairing.ts";

/** The connections of this process; not those that other processes have through the same bluetoothd. */
export interface Connections {
  /**
   * Connects under the adapter lease, which is then kept for the first step on the connection. Rejects with the signal's
   * reason. @throws {RadioError} {BusError}
   */
  open(path: Path, lease: AdapterLease, signal: AbortSignal): Promise<Connection>;
  /** Ends all attempts and connections. Never throws. */
  close(): Promise<void>;
}

export interface ConnectionsDeps extends ConnectDeps {
  readonly times: ConnectDeps["times"] & KeepTimes;
  readonly pairing: Pairing;
  /** The present fault of the adapter. */
  readonly fault: () => RadioError | undefined;
  readonly translate: (error: unknown, what: string, otherwise: RadioFault) => RadioError;
}

export function createConnections(deps: ConnectionsDeps): Connections {
  const { client, cache, times, pairing, fault, translate } = deps;
  const attempts = new Map<Path, Promise<Connection>>();
  const open = new Set<Connection>();
  const closed = new AbortController();

  async function attempt(path: Path, lease: AdapterLease, signal: AbortSignal): Promise<Connection> {
    // A cancelled attempt may still be under way.
    await attempts.get(path)?.catch(() => {});
    const cancel = firstAborted(signal, closed.signal);
    try {
      const use = await lease.use(cancel.signal, 0);
      try {
        await pairing.offer(path);
        await connectDevice(path, deps, use.expired, cancel.signal);
        use.end(times.afterConnectMs);
      } catch (error) {
        use.end(error instanceof RadioError && error.fault === "not-found" ? times.afterScanMs : 0);
        throw error;
      }
    } finally {
      cancel.release();
    }
    return connection(path, lease);
  }

  function connection(path: Path, lease: AdapterLease): Connection {
    const address: Address = addressIn(path);
    const gatt = openGatt(path, client, cache);
    const lost = new AbortController();

    function lose() {
      if (lost.signal.aborted) return;
      removeListener();
      open.delete(opened);
      gatt.end();
      pairing.withdrawLater();
      // It was kept for a step on this connection.
      lease.keepAtMost(0);
      lost.abort(pairing.reasonFor(path) ?? fault() ?? linkLost(address));
    }
    const removeListener = cache.onChange(() => {
      if (!cache.objects.device(path)?.connected) lose();
    });

    async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
      lost.signal.throwIfAborted();
      return work().catch((error: unknown) => {
        throw translate(error, `${address}: ${what}`, "unsupported");
      });
    }

    const opened: Connection = {
      lost: lost.signal,
      services: async () => gatt.services(),
      async read(at) {
        const value = await step(`read of ${at.characteristic}`, () => gatt.read(at));
        lease.keepAtMost(times.parameterUpdateMs);
        void pairing.withdraw();
        return value;
      },
      write: (at, bytes, mode) => step(`write of ${at.characteristic}`, () => gatt.write(at, bytes, mode)),
      async subscribe(at) {
        const values = await step(`notify of ${at.characteristic}`, () => gatt.subscribe(at));
        lease.keep(times.parameterUpdateMs);
        void pairing.withdraw();
        return values;
      },
      ...(pairing.hasPasskey && {
        pair: () =>
          step("pairing by the passkey of --pin", () => orAborted(lost.signal, pairing.pair(path))).finally(
            pairing.withdrawLater,
          ),
      }),
      async close() {
        if (lost.signal.aborted) return;
        await disconnectDevice(path, deps).catch(() => {});
        lose();
      },
    };
    open.add(opened);
    if (!cache.objects.device(path)?.connected) lose();
    return opened;
  }

  return {
    open(path, lease, signal) {
      const outcome = attempt(path, lease, signal);
      attempts.set(path, outcome);
      const forget = () => {
        if (attempts.get(path) === outcome) attempts.delete(path);
      };
      outcome.then(forget, forget);
      return outcome;
    },
    async close() {
      closed.abort(new RadioError("disconnected", "the radio was closed"));
      await Promise.all([...attempts.values()].map((outcome) => outcome.catch(() => {})));
      await Promise.all([...open].map((connection) => connection.close()));
    },
  };
}
