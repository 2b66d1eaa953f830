/**
 * A second, independent decoder of JBD answers, written from the vendor's protocol and the captures and sharing no code
 * with the driver. It is slow and simple: it reads byte by byte, places decimal points as text and multiplies integers only.
 */
export type Decoded = Readonly<Record<string, number>>;
type Bytes = readonly number[];

/** Status and payload of each valid reply about a register, in the order of the bytes. */
function repliesAbout(register: number, bytes: Bytes): { status: number; payload: Bytes }[] {
  const found: { status: number; payload: Bytes }[] = [];
  let at = 0;
  while (at + 6 < bytes.length) {
    const [start, answered = 0, status = 0, length = 0] = bytes.slice(at, at + 4);
    const whole = bytes.slice(at, at + 4 + length + 3);
    const payload = whole.slice(4, 4 + length);
    let sum = status + length;
    for (const byte of payload) sum += byte;
    const stated = (whole[length + 4] ?? 0) * 256 + (whole[length + 5] ?? 0);
    if (start === 0xdd && whole[length + 6] === 0x77 && (sum + stated) % 65536 === 0) {
      if (answered === register) found.push({ status, payload });
      at += whole.length;
    } else {
      at += 1;
    }
  }
  return found;
}

/** Result of the first reply that can be decoded; undefined if an error status comes first, or none follows. */
function firstDecodable<T>(register: number, bytes: Bytes, decode: (payload: Bytes) => T | undefined): T | undefined {
  for (const { status, payload } of repliesAbout(register, bytes)) {
    if (status === 0x82) continue;
    if (status !== 0) return undefined;
    const decoded = decode(payload);
    if (decoded !== undefined) return decoded;
  }
  return undefined;
}

/** `count` with its decimal point moved to the left. */
const shifted = (count: number, places: number) => Number(`${count}e-${places}`);
const word = (bytes: Bytes, at: number) => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
const signedWord = (bytes: Bytes, at: number) => (word(bytes, at) > 32767 ? word(bytes, at) - 65536 : word(bytes, at));
/** NaN outside -50 to 150 °C. */
function celsius(bytes: Bytes, at: number): number {
  const tenthsOfKelvin = word(bytes, at);
  return tenthsOfKelvin < 2231 || tenthsOfKelvin > 4231 ? Number.NaN : shifted(tenthsOfKelvin - 2731, 1);
}

function withoutNaN(decoded: Decoded): Decoded {
  return Object.fromEntries(Object.entries(decoded).filter(([, value]) => !Number.isNaN(value)));
}

const PROTECTIONS = "ovp uvp bov buv cot cut dot dut coc duc sc ic cnf cmf dmf".split(" ");
const ALARMS = "aovp auvp abov abuv acot acut adot adut acoc aduc adelta alow".split(" ");

/** Quantities of a sample from the answer about register 0x03; undefined where it must be refused. */
export function referenceInformation(bytes: Bytes): Decoded | undefined {
  return firstDecodable(0x03, bytes, decodeInformation);
}

function decodeInformation(payload: Bytes): Decoded | undefined {
  const sensors = payload[22];
  if (sensors === undefined || payload.length < 23 + 2 * sensors) return undefined;
  const tail = payload.slice(23 + 2 * sensors);
  const unmarked = word(payload, 10) === 0 && payload[18] === 0;
  const isDaren = sensors === 4 && unmarked && (tail.length === 8 || tail.length === 16);
  const fet = payload[20] ?? 0;
  const places = fet >= 128 || (tail.length === 9 && (tail[0] ?? 0) >= 128) ? 1 : 2;

  const temperatures = Array.from({ length: sensors }, (_, i) => celsius(payload, 23 + 2 * i));
  if (isDaren) temperatures.push(celsius(tail, 0), celsius(tail, 2));
  const [percent = 0, health = 0] = [payload[19], tail[4]];
  const balancing = [...lowestFirst(word(payload, 12)), ...lowestFirst(word(payload, 14))];
  const protections = lowestFirst(word(payload, 16));
  const alarms = lowestFirst(word(tail, 1));
  return {
    volts: shifted(word(payload, 0), 2),
    ...(isDaren && tail.length === 16 ? decodeWideFlow(payload, tail) : decodeFlow(payload, places)),
    ...(percent <= 100 && { percent }),
    ...(isDaren && health <= 100 && { health }),
    ...(tail.length === 9 && { alarm: word(tail, 1), full: shifted(word(tail, 3), places) }),
    cycles: word(payload, 8),
    cells: payload[21] ?? 0,
    ...numbered(balancing.slice(0, payload[21]).map(Number), (n) => `c${n < 10 ? "0" : ""}${n}`),
    ...withoutNaN(numbered(temperatures.slice(0, 8), (n) => `temp${n}`)),
    protect: word(payload, 16),
    fet,
    ...numbered(protections.map(Number).slice(0, 15), (n) => PROTECTIONS[n - 1] ?? ""),
    ...(tail.length === 9 && numbered(alarms.map(Number).slice(0, 12), (n) => ALARMS[n - 1] ?? "")),
  };
}

/** Current, power and capacities at their usual offsets; none if all three words are FFFF. */
function decodeFlow(payload: Bytes, places: number): Decoded {
  if (payload.slice(2, 8).every((byte) => byte === 255)) return {};
  return {
    ...decodePower(word(payload, 0), signedWord(payload, 2), places),
    remain: shifted(word(payload, 4), places),
    capacity: shifted(word(payload, 6), places),
  };
}

/** Current, power and capacities in the tail of Daren's longer form. */
function decodeWideFlow(payload: Bytes, tail: Bytes): Decoded {
  const [remain, capacity] = [word(tail, 8), word(tail, 10)];
  return {
    ...decodePower(word(payload, 0), signedWord(tail, 14), 1),
    ...(remain !== 65535 && { remain: shifted(remain, 1) }),
    ...(capacity !== 65535 && { capacity: shifted(capacity, 1) }),
  };
}

function decodePower(hundredthsOfVolts: number, current: number, places: number): Decoded {
  const power = hundredthsOfVolts * current;
  return { amps: shifted(current, places), watts: power === 0 ? 0 : shifted(power, 2 + places) };
}

function numbered(values: readonly number[], name: (n: number) => string): Decoded {
  return Object.fromEntries(values.map((value, i) => [name(i + 1), value]));
}

/** The sixteen digits of a word from the lowest bit. */
function lowestFirst(bits: number): string[] {
  return [...bits.toString(2).padStart(16, "0")].reverse();
}

/** Cell quantities from the answer about register 0x04; undefined where it must be refused. */
export function referenceCells(bytes: Bytes): Decoded | undefined {
  const cells = firstDecodable(0x04, bytes, (payload) =>
    payload.length % 2 === 0 && payload.length <= 64 ? payload : undefined,
  );
  if (!cells?.length) return undefined;
  const decoded: Record<string, number> = {};
  for (let at = 0; at < cells.length; at += 2) {
    const cell = at / 2 + 1;
    const millivolts = word(cells, at);
    decoded[`cell${cell}`] = millivolts;
    if (decoded.cellmin === undefined || millivolts < decoded.cellmin) {
      decoded.cellmin = millivolts;
      decoded.mincell = cell;
    }
    if (decoded.cellmax === undefined || millivolts > decoded.cellmax) {
      decoded.cellmax = millivolts;
      decoded.maxcell = cell;
    }
    decoded.delta = decoded.cellmax - decoded.cellmin;
  }
  return decoded;
}

/** Board model from the answer about register 0x05; undefined where it is empty or must be refused. */
export function referenceModel(bytes: Bytes): string | undefined {
  const name = firstDecodable(0x05, bytes, (payload) => {
    const codes = [...payload];
    while (codes.at(-1) === 0) codes.pop();
    if (codes.some((code) => code < 32 || code > 126)) return undefined;
    return codes.map((code) => String.fromCharCode(code)).join("");
  });
  return name?.replace(/^ +| +$/g, "") || undefined;
}

const COUNTERS = "sc coc duc ovp uvp cot cut dot dut bov buv restarts".split(" ");

/** Error counters from the answer about register 0xAA; undefined where it must be refused. */
export function referenceCounters(bytes: Bytes): Decoded | undefined {
  return firstDecodable(0xaa, bytes, (payload) => {
    if (payload.length !== 22 && payload.length !== 24) return undefined;
    return Object.fromEntries(COUNTERS.slice(0, payload.length / 2).map((name, i) => [name, word(payload, 2 * i)]));
  });
}
