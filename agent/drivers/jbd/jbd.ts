import { RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { createConversation } from "../request-response.ts";
import { recogniseJbd } from "./recognise.ts";
import { openDialogue } from "./session.ts";
import { unlock } from "./unlock.ts";

/**
 * Battery packs with a board by JBD (Jiabaida): Xiaoxiang, Overkill Solar, Liontron, Eleksol, Daren and many brands.
 *
 * A serial protocol over two characteristics: a request is written without response to one, the reply comes in
 * notifications of the other (frames: codec/jbd/frame.ts). Registers are only read; nothing in the pack is changed.
 */
export const jbd: Driver = {
  name: "jbd",
  about: "JBD / Xiaoxiang / Overkill Solar battery packs",
  matches: ({ services }) => CHANNELS.some(({ service, shared }) => !shared && services.includes(service)),
  recognise: recogniseJbd,
  async open(link, { pin }) {
    const channel = CHANNELS.find(({ service }) => link.services.includes(service));
    if (!channel) {
      const known = CHANNELS.map(({ service }) => service).join(", ");
      const offered = link.services.join(", ") || "no services";
      throw new RadioError("unsupported", `not a JBD pack: it offers ${offered}, not one of ${known}`);
    }
    const conversation = createConversation(link, channel.write, await link.subscribe(channel.notify));
    if (pin !== undefined) await unlock(conversation, link.address, pin);
    return openDialogue(conversation, pin !== undefined);
  },
};

interface Channel {
  readonly service: string;
  readonly notify: string;
  readonly write: string;
  /** Too many other devices have this service: it is tried only when the operator says that this is a JBD pack. */
  readonly shared?: true;
}

/** Where Bluetooth modules have put the two characteristics, the usual place first. */
const CHANNELS: readonly Channel[] = [
  { service: "ff00", notify: "ff01", write: "ff02" },
  { service: "ff06", notify: "ff07", write: "ff08" },
  { service: "fff0", notify: "fff1", write: "fff2", shared: true },
];
