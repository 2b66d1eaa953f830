import { encodeReply } from "../../agent/drivers/jbd/frame.ts";
import {
  APP_KEY,
  decodeModuleFrame,
  encodeModuleFrame,
  MODULE_COMMANDS,
  MODULE_STATUS,
  mixPassword,
  moduleFraming,
} from "../../agent/drivers/jbd/module-frame.ts";
import type { IssuedRequest, LinkContext, Piece } from "../fault-layer.ts";
import {
  changeAnswers,
  type FaultKind,
  isRead,
  onEachLink,
  type Reply,
  replaced,
  spoiled,
  unrequested,
} from "../faults/fault.ts";
import { refusedRead } from "../faults/replies.ts";
import { JBD_NOTIFY } from "./battery.ts";

/** Faults in the protocol of JBD packs and of their Bluetooth modules. */
export const JBD_FAULTS = {
  refuse: {
    about: "the battery refuses: an error status in hexadecimal (JBD), or an ATT error to a read",
    settings: { status: "80" },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        if (isRead(reply)) return refusedRead(reply);
        const status = Number.parseInt(settings.text("status"), 16);
        return replaced(
          reply,
          "refuse",
          encodeReply({ register: registerOf(reply), status, payload: new Uint8Array() }),
          link.battery.mtu,
        );
      }),
  },
  "wrong-register": {
    about: "the answer names another register than the requested one",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply) => {
        const [first, ...others] = reply.pieces;
        if (isRead(reply) || !first) return reply;
        const bytes = Uint8Array.from(first.bytes);
        bytes[1] = registerOf(reply) === 0x03 ? 0x04 : 0x03;
        return spoiled(reply, "wrong-register", [{ ...first, bytes }, ...others]);
      }),
  },
  noise: {
    about: "a foreign notification with each answer: zero, broadcast or module; before, between or after its pieces",
    settings: { kind: "broadcast", where: "before" },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        if (isRead(reply)) return reply;
        const kind = settings.text("kind");
        const foreign = { bytes: foreignBytes(kind, link.random), afterMs: 0 };
        // No reader can distinguish a lone zero between two pieces from a piece of the answer.
        const where = kind === "zero" && settings.text("where") === "between" ? "before" : settings.text("where");
        return { ...reply, pieces: inserted(reply.pieces, foreign, where) };
      }),
  },
  broadcasts: {
    about: "unrequested notifications that begin with 02 51, repeatedly",
    settings: { ms: 700 },
    make: (settings, trigger) =>
      onEachLink((link) => ({
        subscribed(characteristic) {
          const next = () => {
            if (trigger()) link.send(unrequested(characteristic, foreignBytes("broadcast", link.random)));
            link.clock.sleep(settings.number("ms"), link.ended).then(next, () => {});
          };
          link.clock.sleep(settings.number("ms"), link.ended).then(next, () => {});
        },
      })),
  },
  "stray-zero": {
    about: "a lone 00 immediately after each subscription",
    settings: {},
    make: (_, trigger) =>
      onEachLink((link) => ({
        subscribed(characteristic) {
          if (trigger()) link.send(unrequested(characteristic, foreignBytes("zero", link.random)));
        },
      })),
  },
  locked: {
    about: "a JBD module with a password: requests before it are ignored",
    settings: { pin: "123456" },
    make: (settings) =>
      onEachLink((link) => {
        let isOpen = false;
        let challenge = 0;
        const commands: Readonly<Record<number, (data: Uint8Array) => number>> = {
          [MODULE_COMMANDS.appKey]: (data) =>
            isEqual(data, APP_KEY) ? MODULE_STATUS.accepted : MODULE_STATUS.rejected,
          [MODULE_COMMANDS.challenge]: () => {
            challenge = Math.floor(link.random() * 256);
            return challenge;
          },
          [MODULE_COMMANDS.password]: (data) => {
            isOpen = isEqual(data, mixPassword(settings.text("pin"), link.battery.address, challenge));
            return isOpen ? MODULE_STATUS.accepted : MODULE_STATUS.rejected;
          },
        };
        return {
          request(request) {
            const frame = moduleFrame(request.bytes);
            const command = frame && commands[frame.command];
            if (frame && command) reply(link, request, frame.command, command(frame.data));
            else if (isOpen || request.kind === "read") link.forward(request);
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

const registerOf = (reply: Reply) => reply.request.bytes[2] ?? 0;

function inserted(pieces: readonly Piece[], foreign: Piece, where: string): Piece[] {
  const [first, ...others] = pieces;
  if (!first) return [];
  if (where === "after") return [...pieces, foreign];
  if (where === "between" && others.length > 0) return [first, foreign, ...others];
  return [{ ...foreign, afterMs: first.afterMs }, { ...first, afterMs: 0 }, ...others];
}

function foreignBytes(kind: string, random: () => number): Uint8Array {
  if (kind === "zero") return Uint8Array.of(0);
  if (kind === "module") return encodeModuleFrame({ command: MODULE_COMMANDS.challenge, data: Uint8Array.of(0x37) });
  return Uint8Array.from({ length: 20 }, (_, i) => [0x02, 0x51][i] ?? Math.floor(random() * 256));
}

const MODULE_LATENCY_MS = 40;

function reply(link: LinkContext, request: IssuedRequest, command: number, status: number): void {
  const bytes = encodeModuleFrame({ command, data: Uint8Array.of(status) });
  link.send({ request, characteristic: JBD_NOTIFY, sample: {}, pieces: [{ bytes, afterMs: MODULE_LATENCY_MS }] });
}

function moduleFrame(bytes: Uint8Array) {
  const isWhole = bytes[1] === 0xaa && moduleFraming.starts(bytes) && moduleFraming.size(bytes) === bytes.length;
  return isWhole && !moduleFraming.fault(bytes) ? decodeModuleFrame(bytes) : undefined;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
