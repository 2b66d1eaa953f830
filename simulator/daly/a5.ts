import { type Row, type Values, writeLayout } from "../../agent/codec/layout.ts";
import {
  A5_ALARMS,
  A5_BALANCE,
  A5_CELLS,
  A5_COUNTS,
  A5_EXTREMES,
  A5_PACK,
  A5_STATE,
  A5_TEMPERATURES,
  CELLS_PER_FRAME,
  COMMANDS,
  SENSORS_PER_FRAME,
} from "../../agent/drivers/daly/a5.ts";
import { decodeRequest, encodeAnswer } from "../../agent/drivers/daly/a5-frame.ts";
import { CELL_NAMES, TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import { balanceSample, cellsSample, wattsOf } from "../expected-sample.ts";
import { numbered } from "../overlay.ts";
import { wordOf } from "../pack.ts";
import type { Protections } from "../protections.ts";
import type { DalyBoard } from "./board.ts";
import { alarmsSample, alarmWords, type DalyState, fetOf } from "./state.ts";

/** The data of each frame of an answer, and its values. */
interface Reply {
  readonly frames: readonly Uint8Array[];
  readonly sample: Sample;
}

/** An older board whose module answers to one host. */
export function a5Board(host: number, protections: Protections): DalyBoard {
  const replies: Readonly<Record<number, (state: DalyState) => Reply>> = {
    [COMMANDS.pack]: packReply,
    [COMMANDS.extremes]: extremesReply,
    [COMMANDS.state]: stateReply,
    [COMMANDS.counts]: ({ cells, temperatures, cycles }) =>
      single(A5_COUNTS, { cells: cells.length, sensors: temperatures.length, cycles }, { cells: cells.length, cycles }),
    [COMMANDS.cells]: cellsReply,
    [COMMANDS.temperatures]: temperaturesReply,
    [COMMANDS.balance]: ({ balanced }) => single(A5_BALANCE, { balance: wordOf(balanced) }, balanceSample(balanced)),
    [COMMANDS.alarms]() {
      const [alarm1, alarm2, alarm3, alarm4] = alarmWords(protections);
      const values = { alarm1, alarm2, alarm3, alarm4, errorcode: 0 };
      return single(A5_ALARMS, values, { ...alarmsSample(protections), errorcode: 0 });
    },
  };
  return {
    registerOf: (bytes) => decodeRequest(bytes)?.command.toString(16),
    answer(bytes, state) {
      const request = decodeRequest(bytes);
      const found = request?.host === host ? replies[request.command]?.(state) : undefined;
      if (!request || !found) return undefined;
      const frames = found.frames.flatMap((data) => [...encodeAnswer(request.command, data)]);
      return { bytes: Uint8Array.from(frames), sample: found.sample };
    },
  };
}

function single<const Rows extends readonly Row[]>(rows: Rows, values: Values<Rows>, sample: Sample): Reply {
  return { frames: [writeLayout(rows, values)], sample };
}

const packReply = ({ volts, amps, percent }: DalyState) =>
  single(A5_PACK, { volts, flow: amps, percent }, { volts, amps, watts: wattsOf(volts, amps), percent });

function extremesReply({ cells }: DalyState): Reply {
  const { cellmin = 0, cellmax = 0, delta = 0, mincell = 0, maxcell = 0 } = cellsSample(cells);
  return single(A5_EXTREMES, { cellmin, cellmax, mincell, maxcell }, { cellmin, cellmax, delta, mincell, maxcell });
}

function stateReply(state: DalyState): Reply {
  const { remain, charge, discharge } = state;
  const values = { state: state.state, charge: Number(charge), discharge: Number(discharge), remain };
  return single(A5_STATE, values, { state: state.state, remain, fet: fetOf(state) });
}

/** Behind the last cell stand those of the frame before. */
function cellsReply({ cells }: DalyState): Reply {
  return {
    frames: Array.from({ length: Math.ceil(cells.length / CELLS_PER_FRAME) }, (_, frame) => {
      const first = frame * CELLS_PER_FRAME;
      const values = numbered(A5_CELLS, (i) => cells[first + i] ?? cells[first + i - CELLS_PER_FRAME] ?? 0);
      return withNumber(frame, writeLayout(A5_CELLS, values));
    }),
    sample: Object.fromEntries(cells.map((millivolts, i) => [CELL_NAMES[i], millivolts])),
  };
}

function temperaturesReply({ temperatures }: DalyState): Reply {
  return {
    frames: Array.from({ length: Math.ceil(temperatures.length / SENSORS_PER_FRAME) }, (_, frame) => {
      const values = numbered(A5_TEMPERATURES, (i) => temperatures[frame * SENSORS_PER_FRAME + i]);
      return withNumber(frame, writeLayout(A5_TEMPERATURES, values));
    }),
    sample: Object.fromEntries(temperatures.map((celsius, i) => [TEMPERATURE_NAMES[i], celsius])),
  };
}

function withNumber(frame: number, data: Uint8Array): Uint8Array {
  data[0] = frame + 1;
  return data;
}
