import { parseAddress } from "../../common/model/address.ts";

const MAX_INSTANCE_LENGTH = 48;
const INSTANCE = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** Accepts names that need no escaping in `bms-agent@NAME.service` and `NAME.env`. */
export function isInstance(name: string): boolean {
  return parseAddress(name) === name || (name.length <= MAX_INSTANCE_LENGTH && INSTANCE.test(name));
}

/** The rule of `isInstance` for people. */
export const INSTANCE_RULE = `up to ${MAX_INSTANCE_LENGTH} letters a-z, digits, and . _ - inside`;

/** The service of an instance. */
export function unitOf(instance: string): string {
  return `bms-agent@${instance}.service`;
}

/** The instance of a service; undefined for any other unit. */
export function instanceOf(unit: string): string | undefined {
  return /^bms-agent@(.+)\.service$/.exec(unit)?.[1];
}
