import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { HouseView } from "../../../../viewer/model/views.ts";
import { createEventStreams, type EventResponse } from "../../../../viewer/web/events.ts";
import { houseOf, meterOf } from "../../../support/house.ts";

/** A client whose connection takes everything at once, or nothing. */
function client() {
  const written: string[] = [];
  let closed = () => {};
  const state = { takes: true, pending: 0, isDestroyed: false };
  const response = {
    writeHead: () => response,
    write(text: string) {
      written.push(text);
      if (!state.takes) state.pending += text.length;
      return state.takes;
    },
    get writableLength() {
      return state.pending;
    },
    once(_name: string, listener: () => void) {
      closed = listener;
      return response;
    },
    destroy() {
      state.isDestroyed = true;
      closed();
    },
    end() {
      closed();
    },
  };
  const names = () => [...written.join("").matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  return { response: response as unknown as EventResponse, state, names, leave: () => closed() };
}

test("nothing changes: the house once, then a tick every 1.5 s", async () => {
  const clock = virtualClock();
  const streams = createEventStreams({ house: () => houseOf([meterOf("a")]), clock });
  const page = client();
  streams.serve(page.response);
  await clock.sleep(6_100);
  assert.deepEqual(page.names(), ["house", "tick", "tick", "tick", "tick"]);
  streams.close();
});

test("the house is looked at once for all pages, and not at all without pages", async () => {
  const clock = virtualClock();
  let looks = 0;
  const house = (): HouseView => {
    looks += 1;
    return houseOf([]);
  };
  const streams = createEventStreams({ house, clock });
  const pages = [client(), client(), client()];
  for (const { response } of pages) streams.serve(response);
  const opened = looks;
  await clock.sleep(5_100);
  assert.equal(looks - opened, 10);
  for (const { leave } of pages) leave();
  await clock.sleep(1_000);
  const ended = looks;
  await clock.sleep(5_000);
  assert.equal(looks, ended);
  assert.equal(streams.open, 0);
});

test("a slow client gets nothing more until it has taken what it has, then the whole house", async () => {
  const clock = virtualClock();
  let volts = 13;
  const house = () => {
    volts += 0.001;
    return houseOf([meterOf("a", { sample: { volts } })]);
  };
  const streams = createEventStreams({ house, clock });
  const page = client();
  page.state.takes = false;
  streams.serve(page.response);
  await clock.sleep(5_100);
  assert.deepEqual(page.names(), ["house"]);
  page.state.takes = true;
  page.state.pending = 0;
  await clock.sleep(1_000);
  assert.deepEqual(page.names().slice(0, 3), ["house", "house", "meter"]);
  streams.close();
});

test("a client that takes nothing for 10 s is disconnected, and no other", async () => {
  const clock = virtualClock();
  const streams = createEventStreams({ house: () => houseOf([]), clock });
  const [stalled, working] = [client(), client()];
  stalled.state.takes = false;
  for (const { response } of [stalled, working]) streams.serve(response);
  await clock.sleep(9_900);
  assert.equal(stalled.state.isDestroyed, false);
  await clock.sleep(700);
  assert.equal(stalled.state.isDestroyed, true);
  assert.equal(working.state.isDestroyed, false);
  assert.equal(streams.open, 1);
  streams.close();
});
