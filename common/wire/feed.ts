import type { Reading } from "../model/reading.ts";
import { checkOrigin, checkReading, checkSample, decodeMap } from "./fields.ts";
import { encodeMsgpack } from "./msgpack.ts";
import { WireError } from "./wire-error.ts";

/**
 * Messages of the live feed: two ZeroMQ frames, the name of the meter as the topic, and one self-describing msgpack map.
 * docs/feed.md is written for those who subscribe.
 *
 *     { v, meter, site?, device, driver, run, seq, at, sample }
 *
 * Unknown keys are ignored; another version is rejected.
 */
const FEED_VERSION = 1;

/** A message of the feed, ready to send. */
export interface FeedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** @throws {WireError} field */
export function encodeFeedMessage(reading: Reading): FeedMessage {
  return { topic: reading.meter, payload: encodeMsgpack(feedFields(reading)) };
}

/** The content of a message: the map of its second frame. @throws {WireError} field */
export function feedFields({ meter, site, device, driver, run, seq, takenAt, sample }: Reading) {
  const place = site === undefined ? { meter } : { meter, site };
  return { v: FEED_VERSION, ...place, device, driver, run, seq, at: takenAt, sample: checkSample(sample) };
}

/** The reading of a message's second frame. @throws {WireError} */
export function decodeFeedPayload(payload: Uint8Array): Reading {
  const fields = decodeMap(payload);
  const { v } = fields;
  if (v !== FEED_VERSION) {
    const version = typeof v === "number" ? `feed version ${v}` : "no feed version";
    throw new WireError("version", `${version}, expected ${FEED_VERSION}: install the same version of all programs`);
  }
  return checkReading(fields, checkOrigin(fields));
}
