import type { Reading } from "../../common/model/reading.ts";
import type { MeterView } from "../model/views.ts";
import { createDeviceState, type DeviceState } from "./device.ts";
import type { Expected } from "./feed.ts";
import type { Moment } from "./moment.ts";

/** One meter: normally one device, and never a blend of two. */
export interface Meter extends Expected {
  /** False for a reading that changes nothing: a repeat, or one older than those before. */
  isNews(reading: Reading, arrival: Moment): boolean;
  /** Takes news, in any order. */
  receive(reading: Reading, arrival: Moment): void;
  readonly periodMs: number | undefined;
  view(uptimeMs: number): MeterView;
}

/** Devices that are remembered under one name. */
const MAX_DEVICES = 4;

/**
 * Shows one device until its readings are old and another one has newer ones. A battery that was replaced takes its place
 * within two periods; two devices under one name are reported, and the first one stays.
 */
export function createMeter(first: Reading): Meter {
  const devices = new Map<string, DeviceState>();
  let shown = first.device;
  let state = stateOf(first.device);
  let lastArrivalMs = 0;

  function stateOf(device: string): DeviceState {
    const known = devices.get(device) ?? createDeviceState();
    devices.set(device, known);
    return known;
  }
  function forget() {
    const others = [...devices].filter(([device]) => device !== shown);
    const [oldest] = others.sort(([, a], [, b]) => a.newestMs - b.newestMs);
    if (devices.size > MAX_DEVICES && oldest) devices.delete(oldest[0]);
  }
  /** Devices with present readings that began before the newest one of the shown device. */
  const others = (uptimeMs: number) =>
    [...devices]
      .filter(([, other]) => other !== state && other.isPresent(uptimeMs) && other.presentSinceMs < state.newestMs)
      .map(([device]) => device);

  return {
    isNews: (reading, arrival) => devices.get(reading.device)?.isNews(reading, arrival) ?? true,
    receive(reading, arrival) {
      lastArrivalMs = arrival.uptimeMs;
      const sender = stateOf(reading.device);
      sender.receive(reading, arrival);
      if (!state.isPresent(arrival.uptimeMs) && sender.newestMs > state.newestMs) {
        shown = reading.device;
        state = sender;
      }
      forget();
    },
    get lastArrivalMs() {
      return lastArrivalMs;
    },
    get periodMs() {
      return state.periodMs;
    },
    get longestAgeMs() {
      return state.longestAgeMs;
    },
    view(uptimeMs) {
      const otherDevices = others(uptimeMs);
      return { ...state.view(uptimeMs), ...(otherDevices.length > 0 && { otherDevices }) };
    },
  };
}
