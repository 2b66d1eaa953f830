import type { Address } from "../../common/model/address.ts";
import { abortedAfter, firstAborted, orAborted } from "../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import type { Dialogue, Driver, DriverSettings } from "../drivers/driver.ts";
import { type Link, type Radio, RadioError } from "../radio/radio.ts";

/** Which device to talk to, and how. */
export interface Target {
  readonly address: Address;
  /** The drivers to choose from by the services found; a single one is believed without asking. */
  readonly drivers: readonly Driver[];
  readonly settings: DriverSettings;
}

/** A link whose device speaks: a driver's dialogue in which no step can hang. */
export interface Connection extends Dialogue {
  readonly driver: Driver;
  readonly link: Link;
  /** Gives the device back. Never throws. */
  close(): Promise<void>;
}

/** The last resort against what hangs in spite of its own deadlines: well above the slowest honest case. */
const DEADLINE_MS = {
  connect: 60_000,
  open: 20_000,
  poll: 15_000,
  pair: 40_000,
  describe: 20_000,
  keepAlive: 15_000,
  close: 4_000,
};
type Step = keyof typeof DEADLINE_MS;

/** How long a step that is under way may still take when told to stop. */
const FINISH_MS = 1_500;

/**
 * Connects, chooses the driver and opens its dialogue. `stop` ends the waiting for a link at once, and a later step when
 * it does not finish soon; either rejects with its reason.
 * @throws {RadioError} {FrameError}
 */
export async function connect(radio: Radio, target: Target, clock: Clock, stop: AbortSignal): Promise<Connection> {
  const { address } = target;
  const link = await connectLink(radio, address, clock, stop);
  const impatience = abortedAfter(stop, FINISH_MS, clock);
  const gone = firstAborted(link.lost, impatience.signal);
  const step = <T>(name: Step, work: Promise<T>) => orAborted(gone.signal, inTime(clock, address, name, work));
  let pair = link.pair;
  /** What a device refuses on a plain link is tried once more on a paired one. */
  async function pairedFor<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!pair || !(error instanceof RadioError && error.fault === "pairing-needed")) throw error;
      const pairing = pair();
      pair = undefined;
      await step("pair", pairing);
      return await work();
    }
  }
  const close = async () => {
    gone.release();
    impatience.release();
    await inTime(clock, address, "close", link.close()).catch(() => {});
  };
  try {
    const driver = chooseDriver(target, link.services);
    const dialogue = await pairedFor(() => step("open", driver.open(link, target.settings)));
    const { keepAlive } = dialogue;
    return {
      driver,
      link,
      close,
      poll: () => pairedFor(() => step("poll", dialogue.poll())),
      describe: () => pairedFor(() => step("describe", dialogue.describe())),
      ...(keepAlive && {
        keepAlive: { afterMs: keepAlive.afterMs, ask: () => step("keepAlive", keepAlive.ask()) },
      }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A link that comes when nobody waits for it any more is given back. */
async function connectLink(radio: Radio, address: Address, clock: Clock, stop: AbortSignal): Promise<Link> {
  const givenUp = new AbortController();
  const connecting = radio.connect(address, givenUp.signal);
  try {
    return await orAborted(stop, inTime(clock, address, "connect", connecting));
  } catch (error) {
    givenUp.abort(error);
    connecting.then(
      (link) => link.close(),
      () => {},
    );
    throw error;
  }
}

function inTime<T>(clock: Clock, address: Address, step: Step, work: Promise<T>): Promise<T> {
  const ms = DEADLINE_MS[step];
  const message = `${address}: nothing came of "${step}" within ${ms / 1000} s; if this repeats, restart the device`;
  return withDeadline(clock, ms, work, () => new RadioError("timeout", message));
}

/** @throws {RadioError} unsupported, with what was seen */
function chooseDriver({ address, drivers }: Target, services: readonly string[]): Driver {
  const fitting = drivers.length > 1 ? drivers.filter((driver) => driver.matches({ services })) : drivers;
  const [chosen, rival] = fitting;
  if (chosen && !rival) return chosen;
  const names = (rival ? fitting : drivers).map((driver) => driver.name).join(" or ");
  const seen = services.join(", ") || "no services at all";
  const verdict = rival ? `more than one driver fits` : `no driver fits`;
  throw new RadioError("unsupported", `${address} offers ${seen}; ${verdict}: choose with --driver ${names}`);
}
