import { decodeRequest, encodeAnswer } from "../../agent/drivers/litime/frame.ts";
import { changeAnswers, type FaultKind, replaced } from "../faults/fault.ts";

const HEAD_SIZE = 8;

/** Faults in the protocol of LiTime packs. */
export const LITIME_FAULTS = {
  refuse: {
    about: "the battery refuses, as one that is encrypted: a status in hexadecimal",
    settings: { status: "03" },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const command = decodeRequest(reply.request.bytes) ?? 0;
        const status = Number.parseInt(settings.text("status"), 16);
        return replaced(reply, "refuse", encodeAnswer(command, new Uint8Array(HEAD_SIZE), status), link.battery.mtu);
      }),
  },
} as const satisfies Record<string, FaultKind>;
