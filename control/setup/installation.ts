import { AGENT_RUNTIME } from "../../agent/status/local-agents.ts";

/** Directories of the installed package. */
export interface Installation {
  /** The agents' environment files: NAME.env. */
  readonly files: string;
  /** The batteries' passwords, which only root may read: one file for each agent, named like its instance. */
  readonly pins: string;
  /** The agents' runtime directories: NAME/status.json. */
  readonly runtime: string;
  /** The agents' unsettled readings: agent-NAME. */
  readonly state: string;
}

export const INSTALLATION: Installation = {
  files: "/etc/bms/agents",
  pins: "/etc/bms/pins",
  runtime: AGENT_RUNTIME,
  state: "/var/lib/bms",
};

/** The aggregator's runtime directory. */
export const AGGREGATOR_RUNTIME = "/run/bms";
