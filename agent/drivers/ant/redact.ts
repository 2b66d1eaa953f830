import type { Redact } from "../driver.ts";
import { encodePassword, isPassword, PASSWORD_SIZE } from "./frame.ts";

/** The same request for every password, so that a capture can be replayed. Each request is one write. */
const REDACTED = encodePassword("0".repeat(PASSWORD_SIZE));

/** Redacts what one link sends: the request with the password. */
export function redactor(): Redact {
  return (direction, bytes) =>
    direction === "sent" && isPassword(bytes) ? REDACTED.slice(0, bytes.length) : Uint8Array.from(bytes);
}
