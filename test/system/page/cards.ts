import type { Page } from "playwright-core";
import type { Row } from "../../../simulator/csv-rows.ts";

/** Content of a card, read from the document in one look. */
export interface ShownCard {
  readonly meter: string;
  readonly state: string;
  /** Time of the measurement, ms since the Unix epoch. */
  readonly at: string;
  readonly values: readonly { readonly quantity: string; readonly value: string; readonly text: string }[];
  readonly cells: readonly { readonly number: string; readonly millivolts: string; readonly remarks: string }[];
  readonly conditions: readonly string[];
  readonly text: string;
}

/** The function runs in the browser, where tsx's names of inner functions are not defined: it has none. */
export function readCards(page: Page): Promise<readonly ShownCard[]> {
  return page.$$eval(".card", (cards) =>
    cards.map((card) => ({
      meter: card.getAttribute("data-meter") ?? "",
      state: card.getAttribute("data-state") ?? "",
      at: card.getAttribute("data-at") ?? "",
      values: [...card.querySelectorAll("data")].map((data) => ({
        quantity: data.getAttribute("data-quantity") ?? "",
        value: data.getAttribute("value") ?? "",
        text: data.textContent?.trim() ?? "",
      })),
      cells: [...card.querySelectorAll("tr[data-cell]")].map((row) => ({
        number: row.getAttribute("data-cell") ?? "",
        millivolts: row.children[1]?.textContent?.trim() ?? "",
        remarks: row.children[2]?.textContent?.trim() ?? "",
      })),
      conditions: [...card.querySelectorAll(".conditions li")].map((item) => item.textContent ?? ""),
      text: (card.textContent ?? "").replace(/\s+/g, " "),
    })),
  );
}

/** Differences between a card and the CSV row of its moment. */
export function differences(card: ShownCard, row: Row): readonly string[] {
  const wrong = card.values.flatMap(({ quantity, value, text }) => {
    if (row[quantity] !== value) return [`${card.meter} ${quantity}: ${value}, in the CSV ${row[quantity]}`];
    const shown = text.replace("\u2212", "-");
    const decimals = shown.split(".")[1]?.length ?? 0;
    return Number(value)
      .toFixed(decimals)
      .replace(/^-(0\.?0*)$/, "$1") === shown
      ? []
      : [`${card.meter} ${quantity}: ${text} of ${value}`];
  });
  const cells = card.cells.flatMap(({ number, millivolts, remarks }) => {
    const isBalancing = row[`c${number.padStart(2, "0")}`] === "1";
    const isRight = row[`cell${number}`] === millivolts && remarks.includes("balancing") === isBalancing;
    return isRight
      ? []
      : [`${card.meter} cell ${number}: ${millivolts} ${remarks}, in the CSV ${row[`cell${number}`]}`];
  });
  const missing = Object.keys(row).filter(
    (name) => MUST_SHOW.test(name) && !card.values.some(({ quantity }) => quantity === name),
  );
  return [...wrong, ...cells, ...missing.map((name) => `${card.meter} does not show ${name}`)];
}

const MUST_SHOW = /^(volts|amps|watts|percent|temp\d?|remain|full|cycles|kwh|ah)$/;
