import type { Reading } from "../../../common/model/reading.ts";

export const MINUTE_MS = 60_000;
const METERS = ["house", "solar"];

/** The readings of two meters in a minute, the same every time. */
export function courseReadings(minute: number): Reading[] {
  return Array.from({ length: 12 }, (_, i) => {
    const takenAt = minute + Math.floor(i / 2) * 10_000 + (i % 2);
    const amps = Math.round(20 * Math.sin(takenAt / 5e6) * 1000) / 1000;
    const volts = Math.round((13 + amps / 20) * 1000) / 1000;
    return {
      meter: METERS[i % 2] ?? "",
      device: `A4:C1:37:00:00:0${i % 2}`,
      driver: "jbd",
      run: "00112233445566ff",
      seq: (takenAt - (takenAt % 10_000)) / 10_000,
      takenAt,
      sample: { volts, amps, watts: Math.round(volts * amps * 100) / 100, percent: 70, cell1: 3300, online: 1 },
    };
  });
}
