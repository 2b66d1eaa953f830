import type { QuantitySpec } from "../../common/model/quantities.ts";

/** Home Assistant's device class by unit, for the units that have one. */
const DEVICE_CLASS: Readonly<Record<string, string>> = {
  V: "voltage",
  mV: "voltage",
  A: "current",
  W: "power",
  kWh: "energy",
  "°C": "temperature",
  dBm: "signal_strength",
  s: "duration",
  min: "duration",
  ms: "duration",
};

/** The meter's name, without the characters that Home Assistant rejects in a topic. */
const METER_ID = 'regexReplaceAll "[^a-zA-Z0-9_-]" (.Tag "meter") "_"';
const TOPIC_METER = `{{ with .Tag "site" }}{{ . }}_{{ end }}{{ ${METER_ID} }}`;

/**
 * The section of `battery.conf` for Home Assistant: a retained topic per quantity, and every 60 polls a retained message in
 * Home Assistant's discovery format that announces the meter as a device with a sensor per quantity.
 */
export function homeAssistant(quantities: Readonly<Record<string, QuantitySpec>>): readonly string[] {
  return [
    "## Home Assistant over MQTT: publishes each value as homeassistant/sensor/METER/NAME, and announces each meter in its",
    "## discovery format, so that the sensors appear by themselves. MQTT holds only the newest values: gaps are not filled.",
    "# [[outputs.mqtt]]",
    '#   servers = ["127.0.0.1:1883"]',
    `#   topic = 'homeassistant/sensor/${TOPIC_METER}'`,
    '#   layout = "field"',
    "#   retain = true",
    "#   keep_alive = 30",
    '#   namepass = ["battery"]',
    "# [[outputs.mqtt]]",
    '#   servers = ["127.0.0.1:1883"]',
    `#   topic = 'homeassistant/device/bms_${TOPIC_METER}/config'`,
    '#   layout = "non-batch"',
    "#   retain = true",
    "#   keep_alive = 30",
    '#   namepass = ["battery"]',
    "#   metricpass = 'has(fields.polls) && fields.polls % 60 == 1 && fields.online == 1'",
    '#   data_format = "template"',
    "#   template = '''",
    ...discovery(quantities).map((line) => `# ${line}`),
  ];
}

/** A Go template of one discovery message, for the fields of the current row. */
function discovery(quantities: Readonly<Record<string, QuantitySpec>>): string[] {
  return [
    `{{- $id := ${METER_ID} }}{{ $meter := .Tag "meter" }}{{ $comma := "" -}}`,
    '{{- with .Tag "site" }}{{ $id = printf "%s_%s" . $id }}{{ $meter = printf "%s/%s" . $meter }}{{ end -}}',
    '{"device":{"identifiers":["bms_{{ $id }}"],"name":"{{ $meter }}"},"origin":{"name":"bms"},"components":{',
    '{{- range $name, $value := .Fields }}{{ $comma }}{{ $comma = "," -}}',
    '"{{ $name }}":{"platform":"sensor","name":"{{ $name }}","unique_id":"bms_{{ $id }}_{{ $name }}",{{ "" -}}',
    '"state_topic":"homeassistant/sensor/{{ $id }}/{{ $name }}"',
    ...byUnit(quantities).map(
      ([unit, names], i) =>
        `{{- ${i === 0 ? "if" : "else if"} regexMatch "^(${names.join("|")})$" $name }},"unit_of_measurement":"${unit}"` +
        (DEVICE_CLASS[unit] ? `,"device_class":"${DEVICE_CLASS[unit]}"` : ""),
    ),
    "{{- end }}",
    '{{- if eq $name "kwh" }},"state_class":"total"{{ else }},"state_class":"measurement"{{ end }}}',
    "{{- end }}}}'''",
  ];
}

/** Each unit with patterns for the names of its quantities: `cell1` … `cell32` become `cell[0-9]+`. */
function byUnit(quantities: Readonly<Record<string, QuantitySpec>>): [unit: string, names: string[]][] {
  const units = new Map<string, Set<string>>();
  for (const [name, { unit }] of Object.entries(quantities)) {
    if (unit) units.set(unit, (units.get(unit) ?? new Set()).add(name.replace(/\d+$/, "[0-9]+")));
  }
  return [...units].map(([unit, names]) => [unit, [...names]]);
}
