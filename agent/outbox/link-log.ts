import { moveCommand } from "../../common/hosts/meter-owners.ts";
import { fullName, type Place } from "../../common/model/site.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import type { Refusal } from "../../common/wire/messages.ts";

/** Log lines about the link to the aggregator: each problem once, until the aggregator answers. */
export interface LinkLog {
  /** One side refuses to speak. */
  refused(fault: string, remedy: string): void;
  /** The cause in case that the aggregator is silent for long. */
  unreachable(fault: string, remedy: string): void;
  /** The connection was made. */
  up(): void;
  /** No answer for longer than usual. */
  silent(): void;
  /** An answer came, while so many readings wait. */
  answered(backlog: number): void;
  /** The aggregator takes no readings of a meter. */
  refusedMeter(place: Place, refusal: Refusal): void;
}

export function createLinkLog(endpoint: () => string, log: Log): LinkLog {
  const problems = trackProblems();
  const meters = trackProblems();
  let cause: readonly [fault: string, remedy: string] | undefined;
  let isSilent = false;
  let isRefused = false;

  function logSilence() {
    const [fault, remedy = "start bms-aggregator"] = cause ?? [];
    if (isRefused || !problems.begin(`silent ${fault}`)) return;
    const reason = fault === undefined ? "" : ` (${fault})`;
    log.warn(`no aggregator answers at ${endpoint()}${reason}: readings are kept here, ${remedy}`);
  }
  return {
    refused(fault, remedy) {
      // The line about an aggregator that does not answer would be a second one about the same.
      isRefused = true;
      isSilent = true;
      if (problems.begin(fault)) log.warn(`${fault}: readings are kept here and not sent to it; ${remedy}`);
    },
    unreachable(fault, remedy) {
      cause = [fault, remedy];
      isRefused = false;
      if (isSilent) logSilence();
    },
    up() {
      cause = undefined;
      isRefused = false;
    },
    silent() {
      isSilent = true;
      logSilence();
    },
    answered(backlog) {
      problems.clear();
      if (isSilent) log.info(`the aggregator answers again: ${backlog} readings to deliver`);
      isSilent = false;
    },
    refusedMeter(place, { owner, host }) {
      const name = fullName(place);
      if (!meters.begin(`${name} ${owner}`)) return;
      log.warn(
        `the meter ${name} belongs to the host ${owner}: its readings are kept here; if the battery is read here now, ` +
          `run ${moveCommand(name, host)} on the aggregator's host`,
      );
    },
  };
}
