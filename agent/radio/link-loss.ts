import type { Address } from "../../common/model/address.ts";
import { RadioError } from "./radio.ts";

/** Reasons of HCI (Bluetooth Core Specification, volume 1, part F). */
const REASONS: Readonly<Record<number, string>> = {
  8: "link lost: out of range, or its power failed",
  19: "the device ended the link",
  20: "the device ended the link: it is short of resources",
  21: "the device ended the link: it switches off",
  22: "the link was ended on this computer",
  62: "the connection failed as soon as it was made: at the edge of range?",
};

/** HCI's reason for a link that is out of range. */
export const OUT_OF_RANGE = 8;

/** The error of a link that has ended; `reason` is HCI's number, where it is known. */
export function linkLost(address: Address, reason?: number): RadioError {
  const why = reason === undefined ? "link lost" : (REASONS[reason] ?? `link lost (reason 0x${reason.toString(16)})`);
  return new RadioError("disconnected", `${address}: ${why}`);
}
