import { writeLayout } from "../../agent/codec/layout.ts";
import { decodeReadRequest, encodeAnswer } from "../../agent/codec/modbus.ts";
import {
  D2,
  D2_CELLS,
  D2_EXTRA,
  D2_PRODUCED,
  D2_SETTINGS,
  D2_STATUS,
  D2_TEMPERATURES,
  EXTRA_AT,
} from "../../agent/drivers/daly/d2.ts";
import { at } from "../../agent/drivers/daly/registers.ts";
import { TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import { balanceSample, cellsSample, wattsOf } from "../expected-sample.ts";
import { numbered, overlay } from "../overlay.ts";
import { wordOf } from "../pack.ts";
import type { Protections } from "../protections.ts";
import type { DalyBoard, DalyReply } from "./board.ts";
import { alarmsSample, alarmWords, type DalyState, fetOf } from "./state.ts";

/** A board of 80 registers, or of 62 and a separate block. */
export function d2Board(registers: 80 | 62, protections: Protections): DalyBoard {
  const isNew = registers === 80;
  let capacity: Sample = {};

  function statusReply(state: DalyState): DalyReply {
    const status = statusBytes(state, protections);
    const sample = { ...statusSample(state), ...alarmsSample(protections), ...capacity };
    if (!isNew) return { data: status, sample };
    const extra = at(EXTRA_AT);
    const data = overlay(at(registers), status, Uint8Array.of(...new Uint8Array(extra), ...extraBytes(state)));
    return { data, sample: { ...sample, ...balanceSample(state.balanced), ...extraSample(state) } };
  }

  function reply(start: number, count: number, state: DalyState): DalyReply | undefined {
    if (start === 0 && count === registers) return statusReply(state);
    switch (start) {
      case EXTRA_AT:
        return { data: overlay(at(count), extraBytes(state)), sample: extraSample(state) };
      case 0x80:
        capacity = { capacity: state.capacity };
        return { data: overlay(at(count), writeLayout(D2_SETTINGS, state)), sample: capacity };
      case 0xa9:
        return { data: overlay(at(count), Buffer.from(`40_321042_11A\0\0\0H2.0_103R_309F9F`)), sample: {} };
      case 0xcc:
        return { data: overlay(at(count), writeLayout(D2_PRODUCED, { year: 2024, month: 2, day: 29 })), sample: {} };
      default:
        return undefined;
    }
  }

  return {
    registerOf(bytes) {
      const range = decodeReadRequest(bytes);
      return range?.unit === D2 ? range.start.toString(16).padStart(2, "0") : undefined;
    },
    answer(bytes, state) {
      const range = decodeReadRequest(bytes);
      const found = range?.unit === D2 ? reply(range.start, range.count, state) : undefined;
      return found && { bytes: encodeAnswer(D2, found.data), sample: found.sample };
    },
    linkEnded() {
      capacity = {};
    },
  };
}

function statusBytes(state: DalyState, protections: Protections): Uint8Array {
  const { cells, temperatures, volts, amps, percent, remain, cycles } = state;
  const [alarm1, alarm2, alarm3, alarm4] = alarmWords(protections);
  const { cellmin = 0, cellmax = 0, delta = 0 } = cellsSample(cells);
  return overlay(
    at(62),
    writeLayout(
      D2_CELLS,
      numbered(D2_CELLS, (i) => cells[i] ?? 0),
    ),
    writeLayout(
      D2_TEMPERATURES,
      numbered(D2_TEMPERATURES, (i) => temperatures[i]),
    ),
    writeLayout(D2_STATUS, {
      ...{ volts, amps, percent, cellmax, cellmin, delta, remain, cycles, state: state.state },
      ...{ cells: cells.length, sensors: temperatures.length, balancing: Number(state.balanced.includes(true)) },
      ...{ charge: Number(state.charge), discharge: Number(state.discharge), alarm1, alarm2, alarm3, alarm4 },
    }),
  );
}

const extraBytes = ({ balanced, mostemp, boardtemp }: DalyState) =>
  writeLayout(D2_EXTRA, {
    ...{ balanceLow: wordOf(balanced.slice(0, 16)), balanceHigh: wordOf(balanced.slice(16)) },
    ...{ balanceamps: 0, mostemp, boardtemp },
  });

const extraSample = ({ mostemp, boardtemp }: DalyState): Sample => ({ balanceamps: 0, mostemp, boardtemp });

function statusSample(state: DalyState): Sample {
  const { cells, temperatures, volts, amps, percent, remain, cycles } = state;
  return {
    ...{ volts, amps, watts: wattsOf(volts, amps), percent, remain, cycles, state: state.state, cells: cells.length },
    ...cellsSample(cells),
    ...Object.fromEntries(temperatures.map((celsius, i) => [TEMPERATURE_NAMES[i], celsius])),
    balancing: Number(state.balanced.includes(true)),
    fet: fetOf(state),
  };
}
