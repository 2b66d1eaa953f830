import type { WorkDeps } from "../../../control/settings/open-pack.ts";
import type { PackConnection } from "../../../control/settings/pack-link.ts";
import { isEqual } from "../../../control/settings/write-registers.ts";

/** A defect of the engine, made around it. The verdict must notice each of them. */
export interface Sabotage {
  readonly about: string;
  connection?(connection: PackConnection): PackConnection;
  deps?(deps: WorkDeps): WorkDeps;
}

const SHUNT = 0x2c;

export const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  "no-read-back": {
    about: "what was written is taken for what the pack holds",
    connection({ settings, ...rest }) {
      const written = new Map<number, Uint8Array>();
      return {
        ...rest,
        settings: {
          ...settings,
          read: async (register) => written.get(register) ?? (await settings.read(register)),
          async write(register, data) {
            written.set(register, data);
            await settings.write(register, data);
          },
        },
      };
    },
  },
  "no-storing": {
    about: "factory mode is left without storing",
    connection: ({ settings, ...rest }) => ({
      ...rest,
      settings: { ...settings, leave: () => settings.leave({ commit: false }) },
    }),
  },
  "no-leaving": {
    about: "factory mode is not left after a failure",
    connection: ({ settings, ...rest }) => ({
      ...rest,
      settings: {
        ...settings,
        leave: async ({ commit }) => {
          if (commit) await settings.leave({ commit });
        },
      },
    }),
    deps: (deps) => ({ ...deps, marker: { set() {}, clear() {} } }),
  },
  "no-putting-back": {
    about: "old values are not written again",
    connection({ settings, ...rest }) {
      const first = new Map<number, Uint8Array>();
      const isAgain = (register: number, data: Uint8Array) => {
        const earlier = first.get(register);
        first.set(register, earlier ?? data);
        return earlier !== undefined && !isEqual(earlier, data);
      };
      const kept = new Map<number, Uint8Array>();
      return {
        ...rest,
        settings: {
          ...settings,
          read: async (register) => kept.get(register) ?? (await settings.read(register)),
          async write(register, data) {
            if (isAgain(register, data)) kept.set(register, data);
            else await settings.write(register, data);
          },
        },
      };
    },
  },
  "no-note": {
    about: "no note is made before factory mode is entered",
    deps: (deps) => ({ ...deps, marker: { set() {}, clear() {} } }),
  },
  "another-register": {
    about: "the shunt is written beside each other register",
    connection: ({ settings, ...rest }) => ({
      ...rest,
      settings: {
        ...settings,
        async write(register, data) {
          await settings.write(SHUNT, await settings.read(SHUNT));
          await settings.write(register, data);
        },
      },
    }),
  },
};
