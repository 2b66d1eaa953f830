import { counted } from "../../common/model/count-text.ts";

/** Account of an agent's readings at its end. */
export interface ClosingAccount {
  /** Readings of this run. */
  readonly taken: number;
  /** Accepted by every required output, those of earlier runs included. */
  readonly delivered: number;
  /** Taken and not accepted. */
  readonly unaccepted: number;
  /** Neither accepted nor on disk. */
  readonly lost: number;
  /** An aggregator was connected at the end. */
  readonly isConnected: boolean;
  readonly endpoint: string;
  /** Directory of undelivered readings. */
  readonly spool: string | undefined;
}

/** The last line of an agent's log: what was taken, what was delivered, and the reason for the difference. */
export function closingLine(account: ClosingAccount): { readonly level: "info" | "warn"; readonly message: string } {
  const { taken, delivered, unaccepted, lost, isConnected, endpoint, spool } = account;
  const balance = `${counted(taken, "reading")} taken, ${delivered} delivered`;
  if (lost > 0) {
    const reason = isConnected
      ? `the aggregator at ${endpoint} could not write them to its outputs: see its log`
      : `no aggregator answers at ${endpoint}: start bms-aggregator`;
    return {
      level: "warn",
      message: `${balance}; ${counted(lost, "reading")} ${lost === 1 ? "is" : "are"} lost: ${reason}`,
    };
  }
  if (unaccepted > 0) {
    const verb = unaccepted === 1 ? "waits" : "wait";
    return {
      level: "warn",
      message: `${balance}; ${counted(unaccepted, "reading")} ${verb} in ${spool} for the next run`,
    };
  }
  return { level: "info", message: balance };
}
