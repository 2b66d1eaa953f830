import { FrameError } from "../../codec/frame-error.ts";
import type { Description, Dialogue } from "../driver.ts";
import { type Conversation, ifTold, isSilence } from "../request-response.ts";
import type { Pack } from "./basic-information.ts";
import { productionDate, softwareVersion } from "./identity.ts";
import { CELL_VOLTAGES, ERROR_COUNTERS, INFORMATION, MODEL } from "./requests.ts";
import { packSample } from "./sample.ts";
import { isLocked } from "./unlock.ts";

const TRIES = 4;
/** For what only people ask for. */
const FEW_TRIES = 2;
/** Packs of some brands cut a link that has been idle for 8 s. */
const IDLE_MS = 5_500;

/** The questions that a pack is asked; `unlocked` when its module has been given a password. */
export function openDialogue(conversation: Conversation, unlocked: boolean): Dialogue {
  let known: Pack | undefined;
  let mayBeLocked = !unlocked;
  let cellTries = TRIES;

  async function askInformation(): Promise<Pack> {
    try {
      known = await conversation.ask(INFORMATION, TRIES);
      mayBeLocked = false;
      return known;
    } catch (error) {
      if (!mayBeLocked || !isSilence(error)) throw error;
      mayBeLocked = await isLocked(conversation);
      if (!mayBeLocked) throw error;
      const message = "the Bluetooth module is locked; give its password with --pin or --pin-file";
      throw new FrameError("locked", message, { cause: error });
    }
  }

  /** Empty where the pack does not tell its cells; it then costs one request per poll until it does. */
  async function askCells(): Promise<readonly number[]> {
    const cells = await ifTold(conversation.ask(CELL_VOLTAGES, cellTries));
    cellTries = cells ? TRIES : 1;
    return cells ?? [];
  }

  return {
    async poll() {
      const pack = await askInformation();
      return packSample(pack, await askCells());
    },

    async describe() {
      const model = await ifTold(conversation.ask(MODEL, FEW_TRIES));
      const pack = known ?? (await ifTold(conversation.ask(INFORMATION, TRIES)));
      const counters = await ifTold(conversation.ask(ERROR_COUNTERS, FEW_TRIES));
      return { ...(model && { model }), ...(pack && describePack(pack)), ...(counters && { counters }) };
    },

    keepAlive: {
      afterMs: IDLE_MS,
      async ask() {
        await ifTold(conversation.ask(MODEL, 1));
      },
    },
  };
}

function describePack(pack: Pack): Description {
  const produced = productionDate(pack);
  return { software: softwareVersion(pack), cells: pack.head.cells, ...(produced !== undefined && { produced }) };
}
