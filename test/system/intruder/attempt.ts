/** Something that another user's program tries. */
export interface Attempt {
  readonly name: string;
  /** Resolves with what has become of it. Rejects with a Breach where it had an effect that it must not have. */
  run(): Promise<string>;
}

/** The intruder's report of an attempt, one JSON object a line. */
export interface Outcome {
  readonly name: string;
  readonly seen: string;
  readonly isBreach: boolean;
}

/** The attempt has succeeded. */
export class Breach extends Error {
  override readonly name = "Breach";
}

/** The error code with which the attempt is refused. @throws {Breach} where it succeeds, or fails for another reason */
export async function refused(codes: readonly string[], attempt: () => unknown): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (codes.includes(code)) return code;
    throw new Breach(`not refused, but ${code}`);
  }
  throw new Breach("it succeeded");
}

/** The outcomes of several tries of one kind, each once. @throws {Breach} with the first that is one */
export async function each<T>(things: readonly T[], attempt: (thing: T) => Promise<string>): Promise<string> {
  const seen = new Set<string>();
  for (const thing of things) {
    try {
      seen.add(await attempt(thing));
    } catch (error) {
      throw error instanceof Breach ? new Breach(`${thing}: ${error.message}`) : error;
    }
  }
  return `${things.length} tried: ${[...seen].sort().join(", ")}`;
}
