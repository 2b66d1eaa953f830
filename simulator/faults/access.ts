import {
  APP_KEY,
  decodeModuleFrame,
  encodeModuleFrame,
  MODULE_COMMANDS,
  MODULE_STATUS,
  mixPassword,
  moduleFraming,
} from "../../agent/drivers/jbd/module-frame.ts";
import type { Call, LinkContext } from "../fault-layer.ts";
import { JBD_NOTIFY } from "../jbd/battery.ts";
import { AttError, INSUFFICIENT_AUTHENTICATION } from "../peripheral.ts";
import { type FaultKind, onEachLink } from "./fault.ts";

/** The device does not speak with everybody. */
export const ACCESS = {
  locked: {
    about: "a JBD module with a password: what comes before it is ignored",
    settings: { pin: "123456" },
    make: (settings) =>
      onEachLink((line) => {
        let isOpen = false;
        let challenge = 0;
        const commands: Readonly<Record<number, (data: Uint8Array) => number>> = {
          [MODULE_COMMANDS.appKey]: (data) =>
            isEqual(data, APP_KEY) ? MODULE_STATUS.accepted : MODULE_STATUS.rejected,
          [MODULE_COMMANDS.challenge]: () => {
            challenge = Math.floor(line.random() * 256);
            return challenge;
          },
          [MODULE_COMMANDS.password]: (data) => {
            isOpen = isEqual(data, mixPassword(settings.text("pin"), line.battery.address, challenge));
            return isOpen ? MODULE_STATUS.accepted : MODULE_STATUS.rejected;
          },
        };
        return {
          request(call) {
            const asked = moduleFrame(call.bytes);
            const answer = asked && commands[asked.command];
            if (asked && answer) reply(line, call, asked.command, answer(asked.data));
            else if (isOpen || call.kind === "read") line.ask(call);
          },
        };
      }),
  },
  "pairing-needed": {
    about: "the device answers subscriptions, reads and writes with the ATT error insufficient authentication",
    settings: {},
    make: (_, triggers) =>
      onEachLink((line) => {
        const check = (register?: string) => {
          if (triggers(register)) throw new AttError(INSUFFICIENT_AUTHENTICATION);
        };
        return {
          subscribed: () => check(),
          request(call) {
            check(call.register);
            line.ask(call);
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

const MODULE_LATENCY_MS = 40;

function reply(line: LinkContext, call: Call, command: number, status: number): void {
  const bytes = encodeModuleFrame({ command, data: Uint8Array.of(status) });
  line.deliver({ call, characteristic: JBD_NOTIFY, sample: {}, pieces: [{ bytes, afterMs: MODULE_LATENCY_MS }] });
}

function moduleFrame(bytes: Uint8Array) {
  const isWhole = bytes[1] === 0xaa && moduleFraming.starts(bytes) && moduleFraming.size(bytes) === bytes.length;
  return isWhole && !moduleFraming.fault(bytes) ? decodeModuleFrame(bytes) : undefined;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
