/** Devices by their model number, as the maker's documents and users' recordings name them. */
const MODELS: Readonly<Record<number, string>> = {
  41856: "BMV-710H Smart",
  41857: "BMV-712 Smart",
  41858: "BMV-710H Smart",
  41859: "BMV-712 Smart",
  41865: "SmartShunt 500A/50mV",
  41866: "SmartShunt 1000A/50mV",
  41867: "SmartShunt 2000A/50mV",
  41868: "SmartShunt IP67 500A",
  41869: "SmartShunt IP67 1000A",
  41870: "SmartShunt IP67 2000A",
  49200: "SmartShunt IP65",
  41892: "Smart Battery Sense",
  41893: "Smart Battery Sense",
  41957: "Lynx Smart BMS 500",
  41958: "Lynx Smart BMS 1000",
  41968: "Orion XS",
  41026: "BlueSolar MPPT 75/15",
};

/** Families of numbers that are one product in many sizes. */
const FAMILIES: readonly (readonly [from: number, to: number, name: string])[] = [
  [0xa0e0, 0xa0f2, "Smart Lithium"],
  [0xa3c0, 0xa3df, "Orion Smart"],
];

/** The name of a model; undefined where only its record type is known. */
export function modelName(model: number): string | undefined {
  return MODELS[model] ?? FAMILIES.find(([from, to]) => model >= from && model <= to)?.[2];
}
