import { MessageType } from "@jellybrick/dbus-next";
import type { MessageHead } from "./message-filter.ts";

/** A message that is ignored, as its sender is neither the bus nor the service. */
export interface ForeignMessage {
  readonly kind: "signal" | "call" | "reply";
  /** Unique name, such as `:1.42`; undefined where the header could not be read. */
  readonly sender: string | undefined;
  readonly member: string | undefined;
}

export interface ServiceOwner {
  /** Decides about the next message on the connection, in their order. */
  accepts(head: MessageHead): boolean;
  /** Takes the answer to GetNameOwner, empty for none, unless a later change has arrived. Returns whether there is an owner. */
  found(owner: string): boolean;
}

const DBUS = "org.freedesktop.DBus";
const KINDS: Readonly<Record<number, ForeignMessage["kind"]>> = {
  [MessageType.METHOD_CALL]: "call",
  [MessageType.SIGNAL]: "signal",
};

/**
 * Follows which connection owns the name of a service. Ownership changes at the place of NameOwnerChanged among the
 * messages, so that not one message of the next owner is refused and none of the former one is accepted.
 */
export function followService(service: string, ignored: (message: ForeignMessage) => void): ServiceOwner {
  /** Empty while nobody owns the name; undefined until that is known. */
  let owner: string | undefined;
  return {
    accepts(head) {
      const { type, sender, member, strings } = head;
      if (sender === DBUS) {
        const [name, , after] = strings;
        if (member === "NameOwnerChanged" && name === service) owner = after;
        return true;
      }
      if (sender && sender === owner) return true;
      ignored({ kind: KINDS[type] ?? "reply", sender, member });
      return false;
    },
    found(name) {
      owner ??= name;
      return owner !== "";
    },
  };
}
