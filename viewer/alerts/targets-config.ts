import { oneOf, type Place, readTable, readValue, text, within, wrong } from "./fields.ts";
import { TARGET_TYPES, type Target, type TargetType } from "./target.ts";

/** Returns the content of a file with a token. @throws {Error} of the system */
export type ReadSecret = (path: string) => string;

const KEYS = ["name", "type", "url", "token", "token_file", "severity"];

/** The address that each type expects. */
const URL_RULES: Readonly<Record<TargetType, string>> = {
  ntfy: "the address of a topic, such as https://ntfy.sh/TOPIC",
  gotify: "the address of the server, such as https://gotify.example.net",
  "home-assistant": "the address of a webhook, such as http://homeassistant.local:8123/api/webhook/ID",
  json: "an address, such as https://example.net/alerts",
};

/** A token is sent as a header: printable ASCII. */
const TOKEN = /^[\x21-\x7e]{1,1000}$/;

/** Reads the list `[[targets]]`. @throws {UsageError} */
export function readTargets(value: unknown, place: Place, readSecret: ReadSecret): readonly Target[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(place, "expected [[targets]], one table for each target");
  const targets = value.map((each, at) => readTarget(each, within(place, at), readSecret));
  for (const [at, { name }] of targets.entries()) {
    const first = targets.findIndex((each) => each.name === name);
    if (first < at)
      throw wrong(
        within(within(place, at), "name"),
        `${JSON.stringify(name)} is the name of another target: give this one a name of its own`,
      );
  }
  return targets;
}

function readTarget(value: unknown, place: Place, readSecret: ReadSecret): Target {
  const table = readTable(value, place, KEYS);
  const type = readValue(table, "type", place, oneOf(TARGET_TYPES));
  if (type === undefined)
    throw wrong(
      within(place, "type"),
      `missing, expected one of ${TARGET_TYPES.map((word) => `"${word}"`).join(", ")}`,
    );
  const address = readValue(table, "url", place, text(URL_RULES[type]));
  if (address === undefined) throw wrong(within(place, "url"), `missing, expected ${URL_RULES[type]}`);
  const url = readUrl(address, type, within(place, "url"));
  const token = readToken(table, place, readSecret);
  if (type === "gotify" && token === undefined)
    throw wrong(
      within(place, "token"),
      "missing: Gotify shows it under Apps; write it as token, or into a file as token_file",
    );
  return {
    name: readValue(table, "name", place, text("a name")) ?? type,
    type,
    url,
    ...(token !== undefined && { token }),
    severity: readValue(table, "severity", place, oneOf(["alarm", "warning"])) ?? "warning",
  };
}

/** The address itself is in no message: it may be a secret. */
function readUrl(address: string, type: TargetType, place: Place): URL {
  const expected = `expected ${URL_RULES[type]}`;
  if (!URL.canParse(address)) throw wrong(place, expected);
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong(place, `${expected}, with http or https`);
  if (url.username !== "" || url.password !== "")
    throw wrong(
      place,
      "a login in the address is not accepted: take an access token, and write it as token or token_file",
    );
  if (url.hash !== "") throw wrong(place, `${expected}, without a #`);
  if (type === "ntfy" && !/^\/(?:.+\/)?[-_A-Za-z0-9]{1,64}$/.test(url.pathname)) throw wrong(place, expected);
  if (type === "home-assistant" && !/\/api\/webhook\/[^/]+$/.test(url.pathname)) throw wrong(place, expected);
  return url;
}

function readToken(table: Readonly<Record<string, unknown>>, place: Place, readSecret: ReadSecret): string | undefined {
  const token = readValue(table, "token", place, text("an access token"));
  const file = readValue(table, "token_file", place, text("the path of a file with an access token"));
  if (token !== undefined && file !== undefined)
    throw wrong(within(place, "token_file"), "cannot be used with token: keep one of them");
  const value = file === undefined ? token : readFile(file, within(place, "token_file"), readSecret);
  if (value !== undefined && !TOKEN.test(value))
    throw wrong(
      within(place, file === undefined ? "token" : "token_file"),
      "expected an access token: printable characters without blanks",
    );
  return value;
}

function readFile(path: string, place: Place, readSecret: ReadSecret): string {
  try {
    return readSecret(path).trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EACCES"
          ? "cannot be read by this user"
          : `cannot be read: ${message}`;
    throw wrong(place, `${path} ${reason}`);
  }
}
