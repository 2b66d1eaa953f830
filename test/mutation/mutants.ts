import { parseSync } from "oxc-parser";

/** A small change to a source file that some test should notice. */
export interface Mutant {
  /** Offsets of the replaced text in the source. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Line of the change, from 1. */
  readonly line: number;
  /** The change in words: `a < b` → `a <= b`. */
  readonly about: string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A node of the syntax tree. */
interface Node extends Range {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Replaces one operator by another. */
const OPERATORS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
};

/** Replaces one function of Math by another. */
const MATH: Readonly<Record<string, string>> = { max: "min", min: "max", floor: "ceil", ceil: "floor" };

/** Returns every mutant of a TypeScript source, in the order of the text. @throws {SyntaxError} */
export function mutantsOf(source: string, path: string): Mutant[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const mutants: Mutant[] = [];
  const text = ({ start, end }: Range) => source.slice(start, end);
  const add = (node: Range, replacement: string) => {
    const line = source.slice(0, node.start).split("\n").length;
    const about = `${shortened(text(node))} → ${shortened(replacement) || "nothing"}`;
    mutants.push({ start: node.start, end: node.end, replacement, line, about });
  };
  for (const node of nodesOf(program as unknown as Node)) {
    for (const [part, replacement] of REPLACEMENTS[node.type]?.(node, text) ?? []) add(part, replacement);
  }
  return mutants.sort((a, b) => a.start - b.start);
}

/** The source of a mutant; undefined where it is not valid: an operator may not stand beside another one there. */
export function applyMutant(source: string, { start, end, replacement }: Mutant, path: string): string | undefined {
  const mutated = source.slice(0, start) + replacement + source.slice(end);
  return parseSync(path, mutated).errors.length === 0 ? mutated : undefined;
}

/** Every node that has a value at run time, outermost first. Log lines are left out: their words are no behaviour. */
function* nodesOf(node: Node): Generator<Node> {
  if (isTypeOnly(node) || isLogCall(node)) return;
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesOf(child);
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

const WITH_VALUE = new Set(["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"]);
const isTypeOnly = ({ type }: Node) => (type.startsWith("TS") && !WITH_VALUE.has(type)) || type === "ImportDeclaration";

function isLogCall({ type, expression }: Node): boolean {
  if (type !== "ExpressionStatement" || !isNode(expression) || expression.type !== "CallExpression") return false;
  const { callee } = expression;
  return isNode(callee) && callee.type === "MemberExpression" && isNode(callee.object) && callee.object.name === "log";
}

type Replacement = readonly [Range, string];
type Text = (range: Range) => string;

/** The parts of a node that are replaced, and by what, by the type of the node. */
const REPLACEMENTS: Readonly<Record<string, (node: Node, text: Text) => readonly Replacement[]>> = {
  BinaryExpression: swapOperator,
  AssignmentExpression: swapOperator,
  LogicalExpression: (node, text) =>
    node.operator === "??" && isNode(node.right) ? [[node, text(node.right)]] : swapOperator(node, text),
  UnaryExpression: (node, text) =>
    node.operator === "!" && isNode(node.argument) ? [[node, text(node.argument)]] : [],
  IfStatement: fixCondition,
  ConditionalExpression: fixCondition,
  ExpressionStatement: remove,
  ThrowStatement: remove,
  ContinueStatement: remove,
  BreakStatement: remove,
  CallExpression({ callee }, text) {
    const other = isNode(callee) && text(callee).startsWith("Math.") ? MATH[text(callee).slice(5)] : undefined;
    return isNode(callee) && other ? [[callee, `Math.${other}`]] : [];
  },
  Literal(node) {
    const { value } = node;
    if (typeof value === "boolean") return [[node, String(!value)]];
    // Larger numbers are tuning: nothing is wrong with twice the time or the size.
    return value === 0 || value === 1 ? [[node, String(1 - value)]] : [];
  },
};

function swapOperator(node: Node, text: Text): readonly Replacement[] {
  const { left, right, operator } = node;
  const other = OPERATORS[String(operator)];
  if (!other || !isNode(left) || !isNode(right)) return [];
  const between = text({ start: left.end, end: right.start });
  return [[node, text(left) + between.replace(String(operator), () => other) + text(right)]];
}

function fixCondition({ test }: Node): readonly Replacement[] {
  return isNode(test) ? ["true", "false"].map((constant) => [test, constant] as const) : [];
}

function remove(node: Node): readonly Replacement[] {
  return [[node, ";"]];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").replace(/^;$/, "");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
