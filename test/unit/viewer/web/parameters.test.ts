import assert from "node:assert/strict";
import { test } from "node:test";
import { METER, QUANTITY_LIST, readQuery, TIME, wholeNumber } from "../../../../viewer/web/parameters.ts";

const TABLE = { meter: METER, quantities: QUANTITY_LIST, from: TIME, points: wholeNumber("points", 2_000) };
const read = (query: string) => readQuery(TABLE, new URLSearchParams(query));

const ACCEPTED: readonly [string, string, object][] = [
  ["a meter alone", "meter=house", { meter: "house" }],
  ["a name with blanks and letters of any script", "meter=a%20%C3%BC1", { meter: "a ü1" }],
  ["a meter of a site", "meter=shed/house", { meter: "shed/house" }],
  ["milliseconds", "meter=a&from=1700000000000", { meter: "a", from: 1_700_000_000_000 }],
  ["a moment of UTC", "meter=a&from=2026-11-27T08:00:00Z", { meter: "a", from: Date.UTC(2026, 10, 27, 8) }],
  ["a moment with an offset", "meter=a&from=2026-11-27T08:00%2B01:00", { meter: "a", from: Date.UTC(2026, 10, 27, 7) }],
  ["a day, which begins at local midnight", "meter=a&from=2026-11-27", { meter: "a", from: +new Date(2026, 10, 27) }],
  ["quantities, repeats dropped", "meter=a&quantities=volts,amps,volts", { meter: "a", quantities: ["volts", "amps"] }],
  ["the largest number", "meter=a&points=2000", { meter: "a", points: 2_000 }],
];
for (const [about, query, expected] of ACCEPTED) {
  test(`accepts ${about}`, () => {
    const values = Object.entries(read(query)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(values), expected);
  });
}

const REFUSED: readonly [string, string, RegExp][] = [
  ["no meter", "", /^meter is missing: expected the name of a meter/],
  ["an empty meter", "meter=", /^meter "": expected the name/],
  ["a meter with a comma", "meter=a,b", /^meter "a,b": expected/],
  ["a meter of two sites", "meter=a/b/c", /^meter "a\/b\/c": expected/],
  ["a meter with a NUL", "meter=a%00", /^meter "a\\u0000": expected/],
  ["a meter twice", "meter=a&meter=b", /^meter is given twice: give it once$/],
  ["an unknown parameter", "meter=a&metre=b", /^unknown parameter "metre": expected meter, quantities, from, points$/],
  ["a name of Object.prototype", "meter=a&constructor=b", /^unknown parameter "constructor"/],
  ["an unknown quantity", "meter=a&quantities=volts,watt", /^quantities "volts,watt": expected up to 64 names/],
  ["no quantity", "meter=a&quantities=", /^quantities "": expected/],
  ["65 quantities", `meter=a&quantities=${"volts,".repeat(64)}amps`, /expected up to 64/],
  ["a year", "meter=a&from=2026", /^from "2026": expected milliseconds since 1970 or an ISO 8601 time/],
  ["a time before 2020", "meter=a&from=0", /^from "0": expected/],
  ["a time after 2099", "meter=a&from=9999999999999", /^from/],
  ["a day that does not exist", "meter=a&from=2026-13-01", /^from/],
  ["a moment without an offset", "meter=a&from=2026-11-27T08:00", /^from/],
  ["no points", "meter=a&points=0", /^points "0": expected points, from 1 to 2000$/],
  ["too many points", "meter=a&points=2001", /^points/],
  ["a number in another notation", "meter=a&points=1e3", /^points/],
];
for (const [about, query, message] of REFUSED) {
  test(`refuses ${about}`, () => {
    assert.throws(() => read(query), { name: "RequestError", status: 400, message });
  });
}
