import type { ScriptName } from "./render.ts";

/** Every script that has a document: those that change a host, and those that look at it or into its containers. */
export const documented = [
  "deploy",
  "status",
  "ask",
  "stats",
  "logs",
  "deploymentLog",
  "readOut",
  "step",
  "exec",
] as const satisfies ScriptName[];

/** Letters, digits, `_`, `-` and `.`; some beginnings are AWS's own, and `threads-` is none of them (API reference, CreateDocument). */
export function documentName(app: string, environment: string, script: ScriptName): string {
  return `threads-${app}-${environment}-${script}`;
}

/** One before it knows no parameters that become environment variables (user guide, "Troubleshooting parameter handling issues"). */
export const oldestAgent = "3.3.2746.0";
