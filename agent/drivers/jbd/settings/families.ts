/** Kinds of boards. Only those whose registers the table describes are written. */
export const FAMILIES = {
  classic: { name: "JBD with software below 2.0", isWritable: true },
  v8: { name: "JBD with software 2.0 or newer", isWritable: true },
  v19: { name: "JBD's protocol of 2022-05-09 (V19)", isWritable: false },
  up16s: { name: "UP16S", isWritable: false },
  daren: { name: "Daren", isWritable: false },
  unknown: { name: "an unknown kind", isWritable: false },
} as const;
export type FamilyId = keyof typeof FAMILIES;
