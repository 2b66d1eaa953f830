import { setTimeout as sleep } from "node:timers/promises";
import type { Network } from "./network.ts";

/** A fault of the link between the hosts, and how long it lasts; a change lasts for ever. */
export interface LinkFault {
  readonly kind: keyof typeof INJECT;
  readonly forMs: number;
}

const INJECT = {
  async cut(network: Network, forMs: number) {
    network.setLink("cut");
    await sleep(forMs);
    network.setLink("slow");
  },
  async "new address of the shed"(network: Network) {
    network.changeAddress("shed");
  },
  async "new address of the house"(network: Network) {
    network.changeAddress("house");
    network.nameHouse(network.address("house"));
  },
  async "connections forgotten by the router"(network: Network) {
    network.forgetConnections();
  },
} as const;

export const CHANGES = [
  "new address of the shed",
  "new address of the house",
  "connections forgotten by the router",
] as const;

export const injectIntoLink = (network: Network, { kind, forMs }: LinkFault): Promise<void> =>
  INJECT[kind](network, forMs);

export const nameOf = ({ kind, forMs }: LinkFault) => (kind === "cut" ? `cut of ${Math.round(forMs / 1000)} s` : kind);
