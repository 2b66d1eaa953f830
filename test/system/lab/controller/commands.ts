interface CommandRow {
  readonly opcode: number;
  /** Its place in the answer to "Read Local Supported Commands". */
  readonly octet: number;
  readonly bit: number;
  /** The constant return parameters of a command without effect. */
  readonly returns?: readonly number[];
}

/**
 * The commands of a Bluetooth 5.0 LE controller without extended advertising, as on the boards that run the agents.
 * Source: Bluetooth Core Specification 5.0, volume 2, part E, 6.27 and 7.
 */
export const COMMANDS = {
  disconnect: { opcode: 0x0406, octet: 0, bit: 5 },
  readRemoteVersion: { opcode: 0x041d, octet: 2, bit: 7 },
  setEventMask: { opcode: 0x0c01, octet: 5, bit: 6, returns: [] },
  reset: { opcode: 0x0c03, octet: 5, bit: 7 },
  readLocalName: { opcode: 0x0c14, octet: 7, bit: 1 },
  setEventMaskPage2: { opcode: 0x0c63, octet: 22, bit: 2, returns: [] },
  readLeHostSupport: { opcode: 0x0c6c, octet: 24, bit: 5, returns: [1, 0] },
  writeLeHostSupport: { opcode: 0x0c6d, octet: 24, bit: 6, returns: [] },
  readLocalVersion: { opcode: 0x1001, octet: 14, bit: 3 },
  readSupportedCommands: { opcode: 0x1002, octet: 14, bit: 4 },
  readLocalFeatures: { opcode: 0x1003, octet: 14, bit: 5 },
  readBufferSize: { opcode: 0x1005, octet: 14, bit: 7 },
  readAddress: { opcode: 0x1009, octet: 15, bit: 1 },
  readRssi: { opcode: 0x1405, octet: 15, bit: 5 },
  leSetEventMask: { opcode: 0x2001, octet: 25, bit: 0, returns: [] },
  leReadBufferSize: { opcode: 0x2002, octet: 25, bit: 1 },
  leReadLocalFeatures: { opcode: 0x2003, octet: 25, bit: 2 },
  leSetRandomAddress: { opcode: 0x2005, octet: 25, bit: 4, returns: [] },
  leSetAdvertisingParameters: { opcode: 0x2006, octet: 25, bit: 5, returns: [] },
  leReadAdvertisingPower: { opcode: 0x2007, octet: 25, bit: 6, returns: [0] },
  leSetAdvertisingData: { opcode: 0x2008, octet: 25, bit: 7, returns: [] },
  leSetScanResponseData: { opcode: 0x2009, octet: 26, bit: 0, returns: [] },
  leSetAdvertiseEnable: { opcode: 0x200a, octet: 26, bit: 1, returns: [] },
  leSetScanParameters: { opcode: 0x200b, octet: 26, bit: 2 },
  leSetScanEnable: { opcode: 0x200c, octet: 26, bit: 3 },
  leCreateConnection: { opcode: 0x200d, octet: 26, bit: 4 },
  leCreateConnectionCancel: { opcode: 0x200e, octet: 26, bit: 5 },
  leReadAcceptListSize: { opcode: 0x200f, octet: 26, bit: 6 },
  leClearAcceptList: { opcode: 0x2010, octet: 26, bit: 7 },
  leAddToAcceptList: { opcode: 0x2011, octet: 27, bit: 0 },
  leRemoveFromAcceptList: { opcode: 0x2012, octet: 27, bit: 1 },
  leConnectionUpdate: { opcode: 0x2013, octet: 27, bit: 2 },
  leReadRemoteFeatures: { opcode: 0x2016, octet: 27, bit: 5 },
  leRandom: { opcode: 0x2018, octet: 27, bit: 7 },
  leEnableEncryption: { opcode: 0x2019, octet: 28, bit: 0 },
  leReadSupportedStates: { opcode: 0x201c, octet: 28, bit: 3 },
} as const satisfies Readonly<Record<string, CommandRow>>;

export type CommandName = keyof typeof COMMANDS;

const NAMES = new Map<number, CommandName>(
  Object.entries(COMMANDS).map(([name, { opcode }]) => [opcode, name as CommandName]),
);

/** The return parameters of a command without effect. */
export function constantReturn(name: CommandName): readonly number[] | undefined {
  return (COMMANDS[name] as CommandRow).returns;
}

export function commandName(opcode: number): CommandName | undefined {
  return NAMES.get(opcode);
}

/** The 64 bytes of "Read Local Supported Commands". */
export function supportedCommands(): number[] {
  const octets = new Array<number>(64).fill(0);
  for (const { octet, bit } of Object.values(COMMANDS)) octets[octet] = (octets[octet] ?? 0) | (1 << bit);
  return octets;
}

/** Status codes of HCI (volume 2, part D); reasons of a disconnection are from the same list. */
export const STATUS = {
  success: 0x00,
  unknownCommand: 0x01,
  unknownConnection: 0x02,
  keyMissing: 0x06,
  connectionLimit: 0x09,
  connectionExists: 0x0b,
  commandDisallowed: 0x0c,
  endedByHost: 0x16,
  notEstablished: 0x3e,
  micFailure: 0x3d,
} as const;
