/** Result of one kind of attack, for the length of the run. */
export interface Outcome {
  readonly name: string;
  /** Connections that were opened. */
  readonly connections: number;
  /** Messages that the aggregator sent to them: there must be none. */
  readonly answers: number;
}

/** An attack that goes on until it is aborted. */
export interface Attack {
  readonly name: string;
  run(until: AbortSignal): Promise<Omit<Outcome, "name">>;
}

/** Facts that all attacks share. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The aggregator's public key. */
  readonly serverKey: string;
  /** Key pair of the shed, which was stolen. */
  readonly stolen: { readonly publicKey: string; readonly secretKey: string };
  /** The meter that forged readings are for. */
  readonly meter: string;
  /** Bytes that an agent once sent, by the recorder. */
  readonly recording: string;
}
