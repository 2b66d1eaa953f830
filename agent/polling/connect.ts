import type { Address } from "../../common/model/address.ts";
import { abortedAfter, firstAborted, orAborted } from "../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import { wrapSession } from "../drivers/device-session.ts";
import type { Driver } from "../drivers/driver.ts";
import { type Identity, matchingDrivers } from "../drivers/recognise.ts";
import { type Link, RadioError } from "../radio/radio.ts";
import type { ConnectDeps, DeviceConnection, Target } from "./device-connection.ts";
import { type ConnectingDriver, openFirstAnswering } from "./first-answer.ts";
import { listenToDevice, onlyListens } from "./listen.ts";
import type { ListeningDriver } from "./record-collector.ts";

/** The last resort against calls that outlast their own deadlines: well above the slowest legitimate case. */
const DEADLINES_MS: Readonly<Record<string, number>> = {
  connect: 60_000,
  pair: 40_000,
  open: 20_000,
  poll: 15_000,
  close: 4_000,
};
/** For the other methods of a session. */
const DEADLINE_MS = 20_000;

/** Time that a step under way may still take after `stop`. */
const FINISH_MS = 1_500;
/** The same after the loss of the link: a session may return what it has read so far. */
const RETURN_MS = 100;

/**
 * Connects, chooses the driver, if need be by its first answer, and opens its session; or listens to a device that
 * broadcasts. `stop` ends the wait for a link at once, and a later step unless it finishes soon; either rejects with the
 * reason of `stop`.
 * @throws {RadioError} {FrameError}
 */
export async function connectDevice(target: Target, deps: ConnectDeps, stop: AbortSignal): Promise<DeviceConnection> {
  const [only, ...others] = target.drivers;
  if (others.length === 0 && onlyListens(only)) return listenToDevice(target, only, deps, stop);
  try {
    return await openDeviceLink(target, deps, stop);
  } catch (error) {
    if (!(error instanceof Broadcasts)) throw error;
    return listenToDevice(target, error.driver, deps, stop);
  }
}

/** Ends an attempt to connect to a device that a driver, which only listens, recognises for certain. */
class Broadcasts extends Error {
  readonly driver: ListeningDriver;
  constructor(driver: ListeningDriver) {
    super("the device broadcasts its values");
    this.driver = driver;
  }
}

/** @throws {Broadcasts} {RadioError} {FrameError} */
async function openDeviceLink(target: Target, deps: ConnectDeps, stop: AbortSignal): Promise<DeviceConnection> {
  const { address } = target;
  const { clock } = deps;
  const link = await connectLink(target, deps, stop);
  const late = abortedAfter(stop, FINISH_MS, clock);
  const lost = abortedAfter(link.lost, RETURN_MS, clock);
  const interrupted = firstAborted(lost.signal, late.signal);
  const step = <T>(name: string, work: Promise<T>) => orAborted(interrupted.signal, inTime(clock, address, name, work));
  let pair = link.pair;
  /** Runs a step; what the device refuses on an unencrypted link is tried once more on a paired one. */
  async function run<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await step(name, call());
    } catch (error) {
      if (!pair || !(error instanceof RadioError && error.fault === "pairing-needed")) throw error;
      const pairing = pair();
      pair = undefined;
      await step("pair", pairing);
      return await step(name, call());
    }
  }
  const close = async () => {
    interrupted.release();
    late.release();
    lost.release();
    await inTime(clock, address, "close", link.close()).catch(() => {});
  };
  try {
    const drivers = fittingDrivers(target, link);
    const memory = deps.memory ?? { silent: new Set() };
    const { driver, session } = await openFirstAnswering(drivers, {
      link,
      settings: target.settings,
      clock,
      memory,
      run,
    });
    const alternatives = drivers.map(({ name }) => name).filter((name) => name !== driver.name);
    return { ...wrapSession(session, run), driver, alternatives, link, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A link that is made after the wait for it has ended is closed again. */
async function connectLink(
  { address, drivers }: Target,
  { radio, clock }: ConnectDeps,
  stop: AbortSignal,
): Promise<Link> {
  const givenUp = new AbortController();
  const connecting = radio.connect(address, givenUp.signal, (advertisement) => {
    const [surest] = matchingDrivers(drivers, advertisement);
    if (surest?.confidence === "certain" && onlyListens(surest.driver)) throw new Broadcasts(surest.driver);
  });
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

function inTime<T>(clock: Clock, address: Address, name: string, work: Promise<T>): Promise<T> {
  const ms = DEADLINES_MS[name] ?? DEADLINE_MS;
  const message = `${address}: ${name} timed out after ${ms / 1000} s; if this keeps happening, power-cycle the device`;
  return withDeadline(clock, ms, work, () => new RadioError("timeout", message));
}

const canConnect = (driver: Driver): driver is ConnectingDriver => driver.open !== undefined;

/** The drivers that fit a connected device, all equally well. @throws {RadioError} unsupported, with what was found */
function fittingDrivers({ address, drivers }: Target, link: Link): readonly ConnectingDriver[] {
  const surest = drivers.length > 1 ? surestDrivers(drivers, link) : drivers;
  const connecting = surest.filter(canConnect);
  if (connecting.length > 0) return connecting;
  const [listening] = surest;
  if (listening) {
    const remedy = `choose --driver ${listening.name}`;
    throw new RadioError("unsupported", `${address} broadcasts its values instead of accepting connections: ${remedy}`);
  }
  const names = drivers.map(({ name }) => name).join(" or ");
  const found = link.services.join(", ") || "no services at all";
  throw new RadioError("unsupported", `${address} offers ${found}; no driver fits: choose with --driver ${names}`);
}

/** All drivers that are equally sure of a connected device. */
function surestDrivers(drivers: readonly Driver[], link: Link): readonly Driver[] {
  const matches = matchingDrivers(drivers, identityOf(link));
  return matches.filter(({ confidence }) => confidence === matches[0]?.confidence).map(({ driver }) => driver);
}

/** The link knows all services; name and manufacturer data are in the advertisement alone. */
function identityOf({ address, services, advertisement }: Link): Identity {
  const { name = "", manufacturerData = new Map() } = advertisement ?? {};
  return { address, name, services: [...services, ...(advertisement?.services ?? [])], manufacturerData };
}
