import type { Address } from "../../../common/model/address.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { RadioError } from "../../radio/radio.ts";
import { type Conversation, ifTold, isSilence } from "../request-response.ts";
import { APP_KEY, MODULE_COMMANDS, MODULE_STATUS, mixPassword, PASSWORD_LENGTH } from "./module-frame.ts";
import { moduleQuestion } from "./requests.ts";

const TRIES = 3;

/**
 * Gives the Bluetooth module its user's password, as the vendor's app does. A module without these commands, or
 * without a password, is left alone.
 * @throws {FrameError} `locked` when the password is wrong or cannot be one
 * @throws {RadioError}
 */
export async function unlock(conversation: Conversation, address: Address, pin: string): Promise<void> {
  if (pin.length !== PASSWORD_LENGTH || !/^[\x20-\x7e]*$/.test(pin)) {
    throw new FrameError("locked", `a module's password has ${PASSWORD_LENGTH} plain characters; correct the PIN`);
  }
  const session = await beginSession(conversation, TRIES);
  if (session === undefined || session === MODULE_STATUS.noPassword) return;
  if (session !== MODULE_STATUS.accepted) throw new FrameError("locked", "the Bluetooth module refuses all apps");
  for (let i = 0; i < TRIES; i++) {
    const challenge = await ifAnswered(conversation.ask(moduleQuestion(MODULE_COMMANDS.challenge, NOTHING), TRIES));
    // Some modules are content with the app's key.
    if (challenge === undefined) return;
    // One try each: a challenge is good for one password.
    const mixed = mixPassword(pin, address, challenge);
    const verdict = await ifTold(conversation.ask(moduleQuestion(MODULE_COMMANDS.password, mixed), 1));
    if (verdict === MODULE_STATUS.accepted) return;
    if (verdict !== undefined)
      throw new FrameError("locked", "the Bluetooth module refuses this password; correct the PIN");
  }
  throw new RadioError("timeout", "the Bluetooth module wants a password, and its verdict on ours did not arrive");
}

/** Whether the module lets nobody read without a password. @throws {RadioError} */
export async function isLocked(conversation: Conversation): Promise<boolean> {
  const session = await beginSession(conversation, 1);
  return session === MODULE_STATUS.accepted || session === MODULE_STATUS.rejected;
}

const NOTHING = new Uint8Array();

/** The module's status after the app's key; undefined where it knows no such command. */
function beginSession(conversation: Conversation, tries: number): Promise<number | undefined> {
  return ifAnswered(conversation.ask(moduleQuestion(MODULE_COMMANDS.appKey, APP_KEY), tries));
}

/** Undefined where nothing that belongs to the question came. */
async function ifAnswered<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isSilence(error)) return undefined;
    if (error instanceof FrameError && error.fault === "malformed") return undefined;
    throw error;
  }
}
