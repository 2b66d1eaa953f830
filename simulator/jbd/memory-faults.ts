import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeWriteRequest,
  jbdFraming,
} from "../../agent/drivers/jbd/frame.ts";
import { type IssuedRequest, inPieces, type LinkContext, wholeOf } from "../fault-layer.ts";
import {
  changeAnswers,
  type FaultKind,
  onEachLink,
  type Reply,
  replaced,
  spoiled,
  stopRequests,
} from "../faults/fault.ts";
import { LINK_LOST } from "../peripheral.ts";
import { JBD_NOTIFY } from "./battery.ts";
import { countOf, wordOf } from "./word.ts";

/** Faults of JBD boards that concern their parameters: memory, factory mode, and power. */
export const MEMORY_FAULTS = {
  "no-effect": {
    about: "writes are acknowledged without effect",
    settings: {},
    make: (_, trigger) =>
      onWrites((request, written, link) => {
        if (isParameter(written.register) && trigger(request.register)) acknowledge(link, request, written.register);
        else link.forward(request);
      }),
  },
  "wrong-write": {
    about: "the board stores a value that is greater by this than the written one",
    settings: { by: 1 },
    make: (settings, trigger) =>
      onWrites((request, { register, data }, link) => {
        const count = isParameter(register) ? countOf(data) : undefined;
        if (count === undefined || !trigger(request.register)) return link.forward(request);
        const other = wordOf(count + settings.number("by"));
        link.forward({ ...request, bytes: encodeWriteRequest(register, other) });
      }),
  },
  "changing-value": {
    about: "a parameter that is read differs by this from the stored one, in a frame that is sound",
    settings: { by: 1 },
    make: (settings, trigger) =>
      changeAnswers(ALWAYS, (reply, link) => {
        const { register, status, payload } = decodeReply(wholeOf(reply));
        const count = countOf(payload);
        if (!isSound(reply) || !isParameter(register) || status !== 0 || count === undefined) return reply;
        if (!trigger(reply.request.register)) return reply;
        const changed = wordOf(count + settings.number("by"));
        return replaced(reply, "changing-value", encodeReply({ register, status, payload: changed }), link.battery.mtu);
      }),
  },
  "not-allowed": {
    about: "the answer outside factory mode: status 80, or silence",
    settings: { answer: "80" },
    make: (settings, trigger) =>
      changeAnswers(ALWAYS, (reply, link) => {
        const { register, status } = decodeReply(wholeOf(reply));
        if (!isSound(reply) || status !== NOT_ALLOWED || !trigger(reply.request.register)) return reply;
        if (settings.text("answer") === "silence") return spoiled(reply, "not-allowed", []);
        const other = Number.parseInt(settings.text("answer"), 16);
        const bytes = encodeReply({ register, status: other, payload: new Uint8Array() });
        return replaced(reply, "not-allowed", bytes, link.battery.mtu);
      }),
  },
  "wrong-sum": {
    about: "acknowledgements of writes have a wrong checksum",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(ALWAYS, (reply, link) => {
        const bytes = wholeOf(reply);
        if (!decodeRequest(reply.request.bytes)?.write || !isSound(reply)) return reply;
        if (!trigger(reply.request.register)) return reply;
        bytes.set([0xff, 0xff], bytes.length - 3);
        return replaced(reply, "wrong-sum", bytes, link.battery.mtu);
      }),
  },
  "power-cut": {
    about:
      "the pack loses its power at a request, or after it has acted on it; saved=N: while saving, after N registers",
    settings: { at: "request", saved: -1 },
    make: (settings, trigger) =>
      stopRequests(trigger, (request, link) => {
        const { battery } = link;
        if (settings.number("saved") >= 0) battery.interruptSave?.(settings.number("saved"));
        if (settings.text("at") !== "request") link.forward(request);
        battery.losePower?.();
        link.disconnect(LINK_LOST);
      }),
  },
} as const satisfies Record<string, FaultKind>;

/** The trigger counts only the answers that the fault is about. */
const ALWAYS = () => true;
const NOT_ALLOWED = 0x81;
const WRITE_LATENCY_MS = 61;

interface Write {
  readonly register: number;
  readonly data: Uint8Array;
}

/** A fault that receives each write in place of the battery. Reads pass. */
function onWrites(handle: (request: IssuedRequest, written: Write, link: LinkContext) => void) {
  return onEachLink((link) => ({
    request(request) {
      const decoded = decodeRequest(request.bytes);
      if (decoded?.write) handle(request, decoded, link);
      else link.forward(request);
    },
  }));
}

/** True of the parameters, and not of factory mode, MOSFETs or present values. */
function isParameter(register: number): boolean {
  return (register >= 0x10 && register <= 0x47) || (register >= 0xa0 && register <= 0xa2);
}

function isSound(reply: Reply): boolean {
  const bytes = wholeOf(reply);
  return jbdFraming.starts(bytes) && jbdFraming.size(bytes) === bytes.length && !jbdFraming.fault(bytes);
}

function acknowledge(link: LinkContext, request: IssuedRequest, register: number): void {
  const bytes = encodeReply({ register, status: 0, payload: new Uint8Array() });
  const pieces = inPieces(bytes, link.battery.mtu - 3, WRITE_LATENCY_MS);
  link.send({ request, characteristic: JBD_NOTIFY, sample: {}, pieces });
}
