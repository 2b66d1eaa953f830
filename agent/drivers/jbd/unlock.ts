import type { Address } from "../../../common/model/address.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { RadioError } from "../../radio/radio.ts";
import { isSilence, optional, type RequestChannel } from "../request-response.ts";
import { APP_KEY, MODULE_COMMANDS, MODULE_STATUS, mixPassword, PASSWORD_LENGTH } from "./module-frame.ts";
import { moduleRequest } from "./requests.ts";

const ATTEMPTS = 3;

/**
 * Gives the Bluetooth module its user's password, as the vendor's app does. Does nothing to a module that has no such
 * commands, or no password.
 * @throws {FrameError} `locked` when the password is wrong or cannot be one
 * @throws {RadioError}
 */
export async function unlock(channel: RequestChannel, address: Address, pin: string): Promise<void> {
  if (pin.length !== PASSWORD_LENGTH || !/^[\x20-\x7e]*$/.test(pin)) {
    throw new FrameError("locked", `a module's password has ${PASSWORD_LENGTH} plain characters; correct the PIN`);
  }
  const status = await beginUnlocking(channel, ATTEMPTS);
  if (status === undefined || status === MODULE_STATUS.noPassword) return;
  if (status !== MODULE_STATUS.accepted) throw new FrameError("locked", "the Bluetooth module refuses all apps");
  for (let i = 0; i < ATTEMPTS; i++) {
    const challenge = await ifAnswered(channel.send(moduleRequest(MODULE_COMMANDS.challenge, NOTHING), ATTEMPTS));
    // Some modules are content with the app's key.
    if (challenge === undefined) return;
    // One attempt each: a challenge is valid for one password.
    const mixed = mixPassword(pin, address, challenge);
    const verdict = await optional(channel.send(moduleRequest(MODULE_COMMANDS.password, mixed), 1));
    if (verdict === MODULE_STATUS.accepted) return;
    if (verdict !== undefined)
      throw new FrameError("locked", "the Bluetooth module refuses this password; correct the PIN");
  }
  throw new RadioError("timeout", "the Bluetooth module requires a password and did not confirm ours");
}

/** True when the module lets nobody read without a password. @throws {RadioError} */
export async function isLocked(channel: RequestChannel): Promise<boolean> {
  const status = await beginUnlocking(channel, 1);
  return status === MODULE_STATUS.accepted || status === MODULE_STATUS.rejected;
}

const NOTHING = new Uint8Array();

/** The module's status after the app's key; undefined where it has no such command. */
function beginUnlocking(channel: RequestChannel, attempts: number): Promise<number | undefined> {
  return ifAnswered(channel.send(moduleRequest(MODULE_COMMANDS.appKey, APP_KEY), attempts));
}

/** Undefined where nothing that matches the request was received. */
async function ifAnswered<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (isSilence(error)) return undefined;
    if (error instanceof FrameError && error.fault === "malformed") return undefined;
    throw error;
  }
}
