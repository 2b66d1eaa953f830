/** A line on a terminal that names what is waited for. It disappears before anything else is printed. */
export interface ProgressLine {
  /** Shows a text in place of the previous one; an empty text shows nothing. */
  show(text: string): void;
}

export interface ProgressTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Off a terminal it shows nothing. */
export function progressLine(target: ProgressTarget): ProgressLine {
  let isShown = false;
  return {
    show(text) {
      if (!target.isTTY || (text === "" && !isShown)) return;
      // A wrapped line could not be erased again. ECMA-48: carriage return, EL.
      target.write(`\r\x1b[K${text.slice(0, (target.columns ?? 80) - 1)}`);
      isShown = text !== "";
    },
  };
}
