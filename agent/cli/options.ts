import {
  ANY_ENDPOINT,
  nonEmpty,
  type OptionRow,
  oneOf,
  onOff,
  POLL_INTERVAL,
  SHARED_OPTIONS,
  wholeNumber,
} from "../../common/cli/option.ts";
import { PUBLIC_KEY_RULE, parsePublicKey } from "../../common/hosts/public-key.ts";
import { parseAddress } from "../../common/model/address.ts";
import { isMeter, METER_RULE } from "../../common/model/meter-name.ts";
import { DRIVERS } from "../drivers/registry.ts";
import { SPOOL_WHEN, WAIT_MS } from "../outbox/spool-policy.ts";
import { RADIO_KINDS } from "../radio/open-radio.ts";

const PATH_RULE = "a path";

const AUTO = "auto";
const DRIVER_LIST = DRIVERS.map(({ name, about }) => `${name} (${about})`).join(", ");

/** Every option of bms-agent. Commands choose from them. */
export const AGENT_OPTIONS = {
  address: {
    flags: "-b, --address <mac>",
    about: "the device's Bluetooth address",
    parse: parseAddress,
    rule: "six pairs of hexadecimal digits, such as A4:C1:37:00:00:01",
  },
  interval: {
    flags: "-i, --interval <seconds>",
    about: "time between polls; fractions are allowed",
    preset: 10,
    ...POLL_INTERVAL,
  },
  meter: {
    flags: "-m, --meter <name>",
    about: "your name for the device, under which its readings are stored",
    presetText: "the service's name, else the address",
    parse: (text) => (isMeter(text) ? text : undefined),
    rule: METER_RULE,
  },
  driver: {
    flags: "--driver <name>",
    about: `protocol of the device: ${DRIVER_LIST}`,
    preset: AUTO,
    ...oneOf([AUTO, ...DRIVERS.map(({ name }) => name)]),
  },
  adapter: {
    flags: "--adapter <name>",
    about: "Bluetooth adapter, by name or address",
    presetText: "any",
    parse: (text) => (/^hci\d+$/.test(text) ? text : parseAddress(text)),
    rule: "a name such as hci0, or an address",
  },
  radio: { flags: "--radio <kind>", about: "Bluetooth stack", preset: AUTO, ...oneOf(RADIO_KINDS) },
  pin: {
    flags: "--pin <pin>",
    about:
      "the device's password, or the 32-digit key of one that encrypts its values; visible to every user in the process list, so prefer a file",
    conflicts: ["pinFile"],
    ...nonEmpty("the password"),
  },
  pinFile: {
    flags: "--pin-file <file>",
    about: "file whose only line is the device's password or key",
    conflicts: ["pin"],
    completes: "file",
    ...nonEmpty(PATH_RULE),
  },
  endpoint: {
    ...SHARED_OPTIONS.endpoint,
    about: "socket on which the aggregator receives readings, or its address in a network",
    ...ANY_ENDPOINT,
  },
  aggregatorKey: {
    flags: "--aggregator-key <key>",
    about: "public key of the aggregator's host, for a tcp:// endpoint; sudo bmsctl join sets it",
    parse: parsePublicKey,
    rule: PUBLIC_KEY_RULE,
  },
  spool: {
    flags: "--spool <directory>",
    about: "directory for undelivered readings, one per agent",
    presetText: "$STATE_DIRECTORY, which systemd sets; without it readings are kept in memory only",
    completes: "directory",
    ...nonEmpty(PATH_RULE),
  },
  spoolWhen: {
    flags: "--spool-when <when>",
    about: `when to write readings to the spool: away, once one has waited ${WAIT_MS / 1000} s to be accepted and when the agent stops; always, each at once (--spool always means that in the default directory)`,
    presetText: "away",
    ...oneOf(SPOOL_WHEN),
  },
  once: {
    flags: "--once",
    about: "poll once, print the reading (as JSON unless on a terminal), deliver it and exit",
    ...onOff,
  },
  capture: {
    flags: "--capture <file>",
    about:
      "append the traffic with the device to a file of at most 64 MiB that can be replayed and mailed; passwords are masked, and values that a device encrypts stay encrypted",
    completes: "file",
    ...nonEmpty(PATH_RULE),
  },
  seconds: { flags: "--seconds <count>", about: "duration", preset: 10, ...wholeNumber("seconds", 3_600) },
} satisfies Readonly<Record<string, OptionRow>>;
