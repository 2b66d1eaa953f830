import { FrameError } from "../../codec/frame-error.ts";
import type { Description, DeviceSession } from "../device-session.ts";
import { isSilence, optional, type RequestChannel } from "../request-response.ts";
import { type Pack, productionDate, softwareVersion } from "./basic-information.ts";
import { READ_CELLS, READ_COUNTERS, READ_INFORMATION, READ_MODEL } from "./requests.ts";
import { packSample } from "./sample.ts";
import { openSettingsSession } from "./settings-session.ts";
import { isLocked } from "./unlock.ts";

const ATTEMPTS = 4;
/** For facts that only people ask for. */
const FEW_ATTEMPTS = 2;
/** Packs of some brands cut a link that has been idle for 8 s. */
const IDLE_MS = 5_500;

/** The session of one link, which `lost` ends; `unlocked` when the module was given a password. */
export function openSession(channel: RequestChannel, lost: AbortSignal, unlocked: boolean): DeviceSession {
  let known: Pack | undefined;
  let mayBeLocked = !unlocked;
  let cellAttempts = ATTEMPTS;

  async function readInformation(): Promise<Pack> {
    try {
      known = await channel.send(READ_INFORMATION, ATTEMPTS);
      mayBeLocked = false;
      return known;
    } catch (error) {
      if (!mayBeLocked || !isSilence(error)) throw error;
      mayBeLocked = await isLocked(channel);
      if (!mayBeLocked) throw error;
      const message = "the Bluetooth module is locked; give its password with --pin or --pin-file";
      throw new FrameError("locked", message, { cause: error });
    }
  }

  /** Empty where the pack does not report its cells; it then costs one request per poll until it does. */
  async function readCells(): Promise<readonly number[]> {
    const cells = await optional(channel.send(READ_CELLS, cellAttempts));
    cellAttempts = cells ? ATTEMPTS : 1;
    return cells ?? [];
  }

  /** Empty where the link is lost first: the information that was read before stays true. */
  async function readCellsOverLink(): Promise<readonly number[]> {
    try {
      return await readCells();
    } catch (error) {
      if (lost.aborted) return [];
      throw error;
    }
  }

  return {
    async poll() {
      const pack = await readInformation();
      return packSample(pack, await readCellsOverLink());
    },

    async describe() {
      const model = await optional(channel.send(READ_MODEL, FEW_ATTEMPTS));
      const pack = known ?? (await optional(channel.send(READ_INFORMATION, ATTEMPTS)));
      const counters = await optional(channel.send(READ_COUNTERS, FEW_ATTEMPTS));
      return { ...(model && { model }), ...(pack && describePack(pack)), ...(counters && { counters }) };
    },

    keepAlive: {
      afterMs: IDLE_MS,
      async send() {
        await optional(channel.send(READ_MODEL, 1));
      },
    },

    settings: openSettingsSession(channel),
  };
}

function describePack(pack: Pack): Description {
  const produced = productionDate(pack);
  return { software: softwareVersion(pack), cells: pack.head.cells, ...(produced !== undefined && { produced }) };
}
