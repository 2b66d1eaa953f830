import type { Sample } from "../../common/model/reading.ts";

/** A driver's state for one link. It lives exactly as long as the link. Callers make one call at a time. */
export interface DeviceSession {
  /** Reads the device's present values. @throws {FrameError} {RadioError} */
  poll(): Promise<Sample>;
  /** Reads what the device is. A fact that it does not report is absent. @throws {FrameError} {RadioError} */
  describe(): Promise<Description>;
  /**
   * For devices that cut an idle link: once a link was lost between two polls, `send` is due whenever nothing was sent for
   * `afterMs`.
   */
  readonly keepAlive?: { readonly afterMs: number; send(): Promise<void> };
  /** For devices whose parameters can be read and written. The poll loop never uses it, but to leave the mode again. */
  readonly settings?: SettingsSession;
}

/**
 * Access to a device's parameters: raw registers, one request per call. It neither decides which may be written nor in
 * which order. Every method @throws {FrameError} {RadioError}
 */
export interface SettingsSession {
  /** Enters the mode in which parameters are read and written. A device in this mode goes on answering polls. */
  enter(): Promise<void>;
  /** The register's data. `attempts`: fewer than usual, for a register that many devices do not answer. */
  read(register: number, attempts?: number): Promise<Uint8Array>;
  /** Sends one write request and waits for its acknowledgement, which is no proof that the device holds the data. */
  write(register: number, data: Uint8Array): Promise<void>;
  /** Leaves the mode; with `commit` the device stores what was written, and clears its counters. */
  leave(how: { readonly commit: boolean }): Promise<void>;
  /** Allows or forbids charging and discharging, outside of that mode. The next poll reports the result as `fet`. */
  switchMosfets(allowed: MosfetSwitch): Promise<void>;
}

export interface MosfetSwitch {
  readonly charge: boolean;
  readonly discharge: boolean;
}

export interface Description {
  readonly model?: string;
  readonly software?: string;
  /** Name or version of the circuit board. */
  readonly hardware?: string;
  /** Date of production, `YYYY-MM-DD`. */
  readonly produced?: string;
  readonly cells?: number;
  /** Number of times each protection has acted, by its name in the vocabulary where it has one. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** Runs one call of a session; `method` is its name: `poll`, `describe`, `keepAlive.send`. */
export type Around = <T>(method: string, call: () => Promise<T>) => Promise<T>;

/**
 * The same session with `around` about each of its methods, whichever it has, including those of objects in it. The one
 * place where deadlines, pairing and replay are added to a session.
 */
export function wrapSession<Session extends object>(session: Session, around: Around, prefix = ""): Session {
  const wrapped = Object.entries(session).map(([name, value]) => {
    const method = `${prefix}${name}`;
    if (typeof value === "function") {
      return [name, (...args: unknown[]) => around(method, () => value.apply(session, args))];
    }
    return [name, typeof value === "object" && value !== null ? wrapSession(value, around, `${method}.`) : value];
  });
  return Object.fromEntries(wrapped) as Session;
}
