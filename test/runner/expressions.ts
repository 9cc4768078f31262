import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

/** What expressions may name: `github`, `inputs`, `steps` … */
export type Contexts = Readonly<Record<string, unknown>>;

/** How a job stands: what `success()` and its like tell. */
type Standing = "success" | "failure" | "cancelled";

/** As GitHub's own library evaluates it. */
function evaluate(expression: string, contexts: Contexts, standing: Standing): data.ExpressionData {
  const { tokens } = new Lexer(expression).lex();
  const is = (one: Standing): boolean => standing === one;
  const told = { success: is("success"), failure: is("failure"), always: true, cancelled: is("cancelled") };
  const functions = Object.entries(told).map(([name, value]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  const all = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(parsed, all, new Map(functions.map((one) => [one.name, one]))).evaluate();
}

/** A text with each `${{ … }}` in it as what it stands for. */
export function filled(text: unknown, contexts: Contexts): string {
  return String(text).replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression.trim(), contexts, "success").coerceString(),
  );
}

export function filledAll(
  values: Readonly<Record<string, unknown>> | undefined,
  contexts: Contexts,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, filled(value, contexts)]));
}

/** Whether a step is run: after one that failed, or was cancelled, only where it asks for that. */
export function holds(condition: string | undefined, contexts: Contexts, standing: Standing): boolean {
  const bare = (condition ?? "success()").replace(/^\$\{\{(.*)\}\}$/s, "$1").trim();
  const asksForIt = /\b(?:always|failure|cancelled|success)\(\)/.test(bare);
  const value = evaluate(asksForIt ? bare : `success() && (${bare})`, contexts, standing);
  return value.coerceString() === "true";
}
