/** The value of `name` or `name:version`, undefined when there is none or it is a SecureString (those need `ssm-secure`, which plain documents do not have). */
export type ParameterLookup = (reference: string) => string | undefined;

const reference = /\{\{\s*ssm:([a-zA-Z0-9_.\-/]+(?::[a-zA-Z0-9_.-]+)?)\s*\}\}/g;

/**
 * Resolves `{{ssm:name}}` as the agent does on the host; any other `{{…}}`, such as Docker's templates, passes untouched (observed).
 * Undefined when a reference cannot be resolved: the whole document then fails.
 */
export function resolveSsmReferences(text: string, lookUp: ParameterLookup): string | undefined {
  let missing = false;
  const resolved = text.replace(reference, (_whole, name: string) => {
    const value = lookUp(name);
    missing ||= value === undefined;
    return value ?? "";
  });
  return missing ? undefined : resolved;
}
