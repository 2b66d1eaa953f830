import type { Sample } from "../../../common/model/reading.ts";
import { type DecodeFrame, frameDecoder, further, noQuantities } from "../recorded-frame.ts";
import type { Request } from "../request-response.ts";
import {
  CELLS_PER_FRAME,
  COMMANDS,
  cellsRequest,
  cellsSample,
  SENSORS_PER_FRAME,
  singleRequests,
  temperaturesRequest,
} from "./a5.ts";
import { decodeRequest } from "./a5-frame.ts";
import * as d2 from "./d2.ts";
import * as p81 from "./p81.ts";

/**
 * Decodes frames by the request that they answer. Cells and temperatures of the A5 protocol are as many as its answer 94
 * says, which is another frame: alone, the frames that are there count.
 */
export const decodeDalyFrame: DecodeFrame = (recorded) =>
  frameDecoder({
    byBytes: (bytes) =>
      REGISTER_REQUESTS.find((request) => isEqual(request.bytes, bytes)) ?? a5Request(bytes, recorded.notifications),
    byLayout: { "d2-80": d2.READ_80, "d2-62": d2.READ_62, "p81-cells": p81.READ_CELLS },
  })(recorded);

const REGISTER_REQUESTS: readonly Request<Sample>[] = [
  d2.READ_80,
  d2.READ_62,
  d2.READ_EXTRA,
  d2.READ_SETTINGS,
  further(d2.READ_VERSIONS, noQuantities),
  further(d2.READ_PRODUCED, noQuantities),
  p81.READ_CELLS,
  further(p81.READ_STATE, (state) => p81.stateSample(state)),
  further(p81.READ_VERSIONS, noQuantities),
];

function a5Request(bytes: Uint8Array, notifications: readonly Uint8Array[]): Request<Sample> | undefined {
  const { host = 0, command } = decodeRequest(bytes) ?? {};
  const single = singleRequests(host);
  const frames = framesOf(command, notifications);
  switch (command) {
    case COMMANDS.pack:
      return further(single.pack, ({ flow, ...pack }) => ({ ...pack, ...(flow === 0 && { amps: flow }) }));
    case COMMANDS.counts:
      return further(single.counts, ({ cells, cycles }) => ({ cells, cycles }));
    case COMMANDS.cells:
      return further(cellsRequest(host, CELLS_PER_FRAME * frames), (cells) => cellsSample(withoutOld(cells)));
    case COMMANDS.temperatures:
      return temperaturesRequest(host, SENSORS_PER_FRAME * frames);
    case COMMANDS.balance:
      return further(single.balance, noQuantities);
    default:
      return [single.extremes, single.state, single.alarms].find((request) => isEqual(request.bytes, bytes));
  }
}

/** Number of frames of an answer, by the highest number in one of them; 1 where there is none. */
function framesOf(command: number | undefined, notifications: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(notifications);
  const numbers = [...bytes.keys()]
    .filter((at) => bytes[at] === 0xa5 && bytes[at + 1] === 0x01 && bytes[at + 2] === command && bytes[at + 3] === 8)
    .map((at) => bytes[at + 4] ?? 0);
  return Math.max(1, ...numbers.map((number) => number + (numbers.includes(0) ? 1 : 0)));
}

/** In the last frame, what equals the frame before it, or is 0, may be old: without the number of cells it is left out. */
function withoutOld(cells: readonly number[]): readonly number[] {
  const last = cells.findLastIndex((millivolts, i) => millivolts !== 0 && millivolts !== cells[i - CELLS_PER_FRAME]);
  return cells.slice(0, Math.max(last, cells.length - CELLS_PER_FRAME) + 1);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
