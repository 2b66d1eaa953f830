import { type Link, type Notifications, RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { openPushedRecords } from "../pushed-records.ts";
import { decodeJkFrame } from "./frames.ts";
import { JK_PATTERNS, SERVICE } from "./identify.ts";
import { redactor } from "./redact.ts";
import { openSession } from "./session.ts";

/** Newer modules have two characteristics of this UUID, one to write and one that notifies. */
const SERIAL = { service: SERVICE, characteristic: "ffe1" };

/**
 * JK (Jikong) boards: JK-B, JK-BD, JK-PB and active balancers.
 *
 * The board is asked for an information record, which tells the layout of the others, and then started once: from then on it
 * pushes a record of its cells each second (frames: frame.ts). Facts and their sources: docs/devices/jk.md.
 */
export const jk = {
  name: "jk",
  about: "JK / Jikong boards and active balancers",
  identify: JK_PATTERNS,
  pushes: true,
  redactor,
  decodeFrame: decodeJkFrame,
  async open(link) {
    const notifications = await subscribe(link);
    return openSession(openPushedRecords((bytes) => link.write(SERIAL, bytes, "command"), notifications));
  },
} satisfies Driver;

/** Boards from version 19 on hide the characteristic, or the service, until the link is paired. */
async function subscribe(link: Link): Promise<Notifications> {
  try {
    return await link.subscribe(SERIAL);
  } catch (error) {
    if (!(error instanceof RadioError) || error.fault !== "unsupported") throw error;
    const offered = link.services.join(", ") || "no services";
    const remedy = "newer JK boards show it on a paired link alone; pair the board, or give its passkey with --pin";
    throw new RadioError("pairing-needed", `the device offers ${offered}, and no ffe1 in ffe0: ${remedy}`, {
      cause: error,
    });
  }
}
