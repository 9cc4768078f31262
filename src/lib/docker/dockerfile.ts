interface Instruction {
  /** From 1. */
  readonly line: number;
  /** With its continuations, blanks as one. */
  readonly text: string;
}

/**
 * The line of a Dockerfile on which a step begins; undefined where it cannot be told: BuildKit has put variables into it.
 * @param step BuildKit's name for it: `[web build 2/5] RUN pip install …`
 */
export function lineOfStep(dockerfile: string, step: string): number | undefined {
  const wanted = withoutBlanks(step.replace(/^\[[^\]]*\] /, ""));
  const found = instructionsOf(dockerfile).filter(({ text }) => text === wanted);
  return found.length === 1 ? found[0]?.line : undefined;
}

function instructionsOf(dockerfile: string): Instruction[] {
  const instructions: Instruction[] = [];
  let open: { readonly line: number; readonly parts: string[] } | undefined;
  for (const [index, raw] of dockerfile.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(raw)) continue;
    const goesOn = /\\\s*$/.test(raw);
    open ??= { line: index + 1, parts: [] };
    open.parts.push(raw.replace(/\\\s*$/, ""));
    if (goesOn) continue;
    instructions.push({ line: open.line, text: withoutBlanks(open.parts.join(" ")) });
    open = undefined;
  }
  return instructions;
}

function withoutBlanks(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
