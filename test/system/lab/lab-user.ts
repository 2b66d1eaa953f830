/** The ordinary user who runs agents and aggregator in the machine. */
export const LAB_USER = { name: "bms", uid: 1000, gid: 1000 } as const;
