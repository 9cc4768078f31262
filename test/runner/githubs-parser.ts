import { registerHooks } from "node:module";

// It imports JSON in a way that its own bundlers take, and Node does not.
const hooks = registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    return specifier.endsWith(".json") ? { ...found, importAttributes: { type: "json" } } : found;
  },
});
const { convertWorkflowTemplate, parseWorkflow } = await import("@actions/workflow-parser");
hooks.deregister();

const quiet = { info: () => undefined, verbose: () => undefined, error: () => undefined };

/** What GitHub itself would say of a workflow before it runs it, a sentence each. */
export async function faultsIn(path: string, text: string): Promise<readonly string[]> {
  const { value, context } = parseWorkflow({ name: path, content: text }, quiet);
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(String);
}
