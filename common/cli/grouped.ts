/** 8412 as 8,412. The runtime's own way would load tables of every language. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
