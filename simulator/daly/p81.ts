import { writeLayout } from "../../agent/codec/layout.ts";
import { decodeReadRequest, encodeAnswer } from "../../agent/codec/modbus.ts";
import {
  P81,
  P81_ANSWER,
  P81_CELLS,
  P81_PACK,
  P81_STATE,
  P81_TEMPERATURES,
  STATE_AT,
} from "../../agent/drivers/daly/p81.ts";
import { at } from "../../agent/drivers/daly/registers.ts";
import { TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import { balanceSample, cellsSample, wattsOf } from "../expected-sample.ts";
import { numbered, overlay } from "../overlay.ts";
import { wordOf } from "../pack.ts";
import type { DalyBoard, DalyReply } from "./board.ts";
import { type DalyState, fetOf } from "./state.ts";

const VERSIONS = "12_260120_K00TH2.1_103E_30XFDL_HKMS_3.2.E";

/** A board since 2026. */
export function p81Board(): DalyBoard {
  const replies: Readonly<Record<number, (state: DalyState) => DalyReply>> = {
    0: packReply,
    [STATE_AT]: stateReply,
    376: () => ({ data: Buffer.from(VERSIONS), sample: {} }),
  };
  return {
    registerOf(bytes) {
      const range = decodeReadRequest(bytes);
      return range?.unit === P81 ? range.start.toString(16).padStart(2, "0") : undefined;
    },
    answer(bytes, state) {
      const range = decodeReadRequest(bytes);
      const found = range?.unit === P81 ? replies[range.start]?.(state) : undefined;
      return (
        range &&
        found && { bytes: encodeAnswer(P81_ANSWER, overlay(at(range.count), found.data)), sample: found.sample }
      );
    },
  };
}

function packReply({ cells, temperatures, volts, amps, percent }: DalyState): DalyReply {
  const extremes = cellsSample(cells);
  const { cellmax = 0, maxcell = 0 } = extremes;
  const data = overlay(
    at(64),
    writeLayout(
      P81_CELLS,
      numbered(P81_CELLS, (i) => cells[i] ?? 0),
    ),
    writeLayout(
      P81_TEMPERATURES,
      numbered(P81_TEMPERATURES, (i) => temperatures[i]),
    ),
    writeLayout(P81_PACK, {
      ...{ volts, amps, percent, cells: cells.length, sensors: temperatures.length, cellmax, maxcell },
    }),
  );
  return {
    data,
    sample: {
      ...{ volts, amps, watts: wattsOf(volts, amps), percent, cells: cells.length },
      ...extremes,
      ...Object.fromEntries(temperatures.map((celsius, i) => [TEMPERATURE_NAMES[i], celsius])),
    },
  };
}

function stateReply(state: DalyState): DalyReply {
  const { remain, cycles, balanced, mostemp, boardtemp } = state;
  const balancing = Number(balanced.includes(true));
  const reported = { state: state.state, remain, cycles, balancing, heating: 0, mostemp, boardtemp, alarm: 0 };
  return {
    data: writeLayout(P81_STATE, {
      ...reported,
      ...{ balanceLow: wordOf(balanced.slice(0, 16)), balanceHigh: wordOf(balanced.slice(16)) },
      ...{ charge: Number(state.charge), discharge: Number(state.discharge) },
    }),
    sample: { ...reported, ...balanceSample(balanced), fet: fetOf(state) },
  };
}
