/**
 * A second, independent reader of Modbus RTU answers, written from Modbus over Serial Line V1.02. It is slow and simple: the
 * checksum is divided bit by bit.
 */
type Bytes = readonly number[];

/** The registers that were asked for. */
export interface Asked {
  readonly unit: number;
  /** Number of registers. */
  readonly count: number;
  /** True where bytes of another length are not even a frame, and are searched for one. */
  readonly isOnlyLength?: boolean;
}

/** Remainder of the message polynomial, as the two bytes that follow a message. */
export function referenceCrc(bytes: Bytes): readonly [low: number, high: number] {
  let register = 65535;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = register % 2 === 1;
      register = Math.floor(register / 2);
      if (isOdd) register ^= 40961;
    }
  }
  return [register % 256, Math.floor(register / 256)];
}

/** Data of each valid answer, in the order of the bytes; "refused" for an exception. */
function answersIn(bytes: Bytes, { unit, count, isOnlyLength = false }: Asked): (Bytes | "refused")[] {
  const found: (Bytes | "refused")[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [first, command, length] = bytes.slice(at, at + 3);
    const isAnswer = command === 3 && length !== undefined && (!isOnlyLength || length === 2 * count);
    const size = command === 131 ? 5 : isAnswer ? length + 5 : 0;
    const whole = bytes.slice(at, at + size);
    const [low, high] = referenceCrc(whole.slice(0, -2));
    const isValid =
      first === unit && size > 0 && whole.length === size && whole[size - 2] === low && whole[size - 1] === high;
    if (isValid) found.push(command === 131 ? "refused" : whole.slice(3, -2));
    at += isValid ? size : 1;
  }
  return found;
}

/** The first result that can be decoded from an answer of the right length; undefined where an exception comes first. */
export function referenceAnswer<T>(bytes: Bytes, asked: Asked, decode: (data: Bytes) => T | undefined): T | undefined {
  for (const answer of answersIn(bytes, asked)) {
    if (answer === "refused") return undefined;
    const decoded = answer.length === 2 * asked.count ? decode(answer) : undefined;
    if (decoded !== undefined) return decoded;
  }
  return undefined;
}
