import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import { FrameError } from "../codec/frame-error.ts";
import type { DeviceSession } from "../drivers/device-session.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import { type Characteristic, type Link, type Notifications, RadioError } from "../radio/radio.ts";

/*
 * Families that nothing distinguishes but their answers: drivers that fit a device equally well are tried one after the
 * other, over one link, until the first of them reads the device.
 */

export type ConnectingDriver = Driver & Required<Pick<Driver, "open">>;

/** The driver that read a device, and those that did not, for as long as the caller keeps it. */
export interface DriverMemory {
  answered?: string;
  readonly silent: Set<string>;
}

export interface OpenSession {
  readonly driver: ConnectingDriver;
  readonly session: DeviceSession;
}

export interface TrialDeps {
  readonly link: Link;
  readonly settings: DriverSettings;
  readonly clock: Clock;
  readonly memory: DriverMemory;
  /** Runs a step with the deadlines of the link. */
  run<T>(name: string, call: () => Promise<T>): Promise<T>;
}

/** For people: why a driver was chosen before others that fit the device as well; empty where none does. */
export function reasonFor(alternatives: readonly string[]): readonly string[] {
  return alternatives.length === 0 ? [] : [`by its answers, not ${alternatives.join(" or ")}`];
}

/** For one driver: the slowest of them needs 5 s until it gives a silent device up. */
const TRIAL_MS = 8_000;

/** Faults from which the operator learns more than from silence, the best first. */
const REVEALING: readonly string[] = ["locked", "pairing-needed", "refused"];

/**
 * Opens the session of the first driver that reads the device. The one that did before is used at once; those that did not
 * come last.
 * @throws {RadioError} {FrameError} the most revealing fault, or that of the link
 */
export async function openFirstAnswering(drivers: readonly ConnectingDriver[], deps: TrialDeps): Promise<OpenSession> {
  const { settings, memory, run } = deps;
  const known = drivers.length === 1 ? drivers[0] : drivers.find(({ name }) => name === memory.answered);
  if (known) return { driver: known, session: await run("open", () => known.open(deps.link, settings)) };
  const link = withSharedSubscriptions(deps.link);
  if (drivers.every(({ name }) => memory.silent.has(name))) memory.silent.clear();
  const [fresh, silent] = [false, true].map((was) => drivers.filter(({ name }) => memory.silent.has(name) === was));
  const faults: (RadioError | FrameError)[] = [];
  for (const driver of [...(fresh ?? []), ...(silent ?? [])]) {
    memory.silent.add(driver.name);
    try {
      const session = await tryDriver(driver, { ...deps, link });
      memory.answered = driver.name;
      return { driver, session };
    } catch (error) {
      if (link.lost.aborted || !mayBeAnotherFamily(error)) throw error;
      faults.push(error);
    }
  }
  const names = drivers.map(({ name }) => name).join(", ");
  const revealing = REVEALING.flatMap((fault) => faults.find((each) => each.fault === fault) ?? [])[0];
  throw revealing ?? nobodyAnswered(link, names, faults[0]);
}

/** A torn value is an answer of the right family. @throws {RadioError} {FrameError} */
async function tryDriver(driver: ConnectingDriver, { link, settings, clock, run }: TrialDeps): Promise<DeviceSession> {
  const trial = async () => {
    const session = await run("open", () => driver.open(link, settings));
    await run("poll", () => session.poll()).catch((error) => {
      if (!(error instanceof FrameError && error.fault === "torn")) throw error;
    });
    return session;
  };
  const late = () => new RadioError("timeout", `${link.address} did not answer as a device of ${driver.name}`);
  return withDeadline(clock, TRIAL_MS, trial(), late);
}

const OTHER_FAMILY: ReadonlySet<string> = new Set(["timeout", "unsupported", "pairing-needed"]);

/** True of a fault with which a device of another family may answer. */
function mayBeAnotherFamily(error: unknown): error is RadioError | FrameError {
  return error instanceof FrameError || (error instanceof RadioError && OTHER_FAMILY.has(error.fault));
}

function nobodyAnswered({ address }: Link, names: string, cause: Error | undefined): RadioError {
  const message = `${address} answered as a device of none of these drivers: ${names}; if it is one of them, choose it with --driver`;
  return new RadioError("timeout", message, { cause });
}

/** Each characteristic is subscribed to once, whichever driver does: a second subscription may be refused. */
function withSharedSubscriptions(link: Link): Link {
  const subscriptions = new Map<string, Promise<Notifications>>();
  return {
    ...link,
    async subscribe(at: Characteristic) {
      const key = `${at.service} ${at.characteristic}`;
      const subscription = subscriptions.get(key) ?? link.subscribe(at);
      subscriptions.set(key, subscription);
      subscription.catch(() => subscriptions.delete(key));
      const notifications = await subscription;
      notifications.clear();
      return notifications;
    },
  };
}
