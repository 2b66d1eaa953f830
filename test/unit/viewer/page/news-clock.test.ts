import assert from "node:assert/strict";
import { test } from "node:test";
import { newsClock } from "../../../../viewer/page/news-clock.ts";

const VIEWER = 1_700_000_000_000;

function clocks() {
  const time = { wall: 1_600_000_000_000, steady: 50 };
  const clock = newsClock({ wall: () => time.wall, steady: () => time.steady });
  const pass = (wall: number, steady: number) => {
    time.wall += wall;
    time.steady += steady;
  };
  return { clock, pass };
}

test("the viewer's time goes on by the browser's clocks, however wrong they are", () => {
  const { clock, pass } = clocks();
  clock.receive(VIEWER);
  pass(3000, 3000);
  assert.equal(clock.now(), VIEWER + 3000);
  assert.equal(clock.silence(), 3000);
});

test("news without a time ends the silence only", () => {
  const { clock, pass } = clocks();
  clock.receive(VIEWER);
  pass(3000, 3000);
  clock.receive();
  assert.equal(clock.silence(), 0);
  assert.equal(clock.now(), VIEWER + 3000);
});

for (const [about, wall, steady] of [
  ["the computer slept, and its steady clock with it", 60_000, 10],
  ["the browser's clock was set back", -3_600_000, 60_000],
] as const) {
  test(`no silence is missed: ${about}`, () => {
    const { clock, pass } = clocks();
    clock.receive(VIEWER);
    pass(wall, steady);
    assert.equal(clock.silence(), 60_000);
    assert.equal(clock.now(), VIEWER + 60_000);
  });
}
