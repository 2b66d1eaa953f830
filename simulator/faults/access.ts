import {
  APP_KEY,
  decodeModuleFrame,
  encodeModuleFrame,
  MODULE_COMMANDS,
  MODULE_STATUS,
  mixPassword,
  moduleFraming,
} from "../../agent/drivers/jbd/module-frame.ts";
import type { IssuedRequest, LinkContext } from "../fault-layer.ts";
import { JBD_NOTIFY } from "../jbd/battery.ts";
import { AttError, INSUFFICIENT_AUTHENTICATION } from "../peripheral.ts";
import { type FaultKind, onEachLink } from "./fault.ts";

/** Faults of authentication. */
export const ACCESS = {
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
  "pairing-needed": {
    about: "the device answers subscriptions, reads and writes with the ATT error insufficient authentication",
    settings: {},
    make: (_, trigger) =>
      onEachLink((link) => {
        const check = (register?: string) => {
          if (trigger(register)) throw new AttError(INSUFFICIENT_AUTHENTICATION);
        };
        return {
          subscribed: () => check(),
          request(request) {
            check(request.register);
            link.forward(request);
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

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
