import { decodeBody, type MessageHead } from "./message.ts";

/** A message that is ignored, as its sender is neither the bus nor the service. */
export interface ForeignMessage {
  readonly kind: "signal" | "call" | "reply";
  /** Unique name, such as `:1.42`; undefined where the header could not be read. */
  readonly sender: string | undefined;
  readonly member: string | undefined;
}

export interface ServiceOwner {
  /** Decides about the next message on the connection, in their order. */
  accepts(head: MessageHead, bytes: Buffer): boolean;
  /** Takes the answer to GetNameOwner, empty for none, unless a later change has arrived. Returns whether there is an owner. */
  found(owner: string): boolean;
}

const DBUS = "org.freedesktop.DBus";

/**
 * Follows which connection owns the name of a service. Ownership changes at the place of NameOwnerChanged among the
 * messages, so that not one message of the next owner is refused and none of the former one is accepted.
 */
export function followService(service: string, ignored: (message: ForeignMessage) => void): ServiceOwner {
  /** Empty while nobody owns the name; undefined until that is known. */
  let owner: string | undefined;
  return {
    accepts(head, bytes) {
      const { kind, sender, member } = head;
      if (sender === DBUS) {
        if (member === "NameOwnerChanged") {
          const [name, , after] = decodeBody(bytes, head);
          if (name === service) owner = String(after);
        }
        return true;
      }
      if (sender && sender === owner) return true;
      ignored({ kind: kind === "signal" || kind === "call" ? kind : "reply", sender, member });
      return false;
    },
    found(name) {
      owner ??= name;
      return owner !== "";
    },
  };
}
