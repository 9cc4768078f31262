/** Why there was no answer, in a word or two: fetch hides it behind its own sentence. */
export function whyNoAnswer(error: unknown, withinMs: number): string {
  const { message, cause, name } = error as Error & { readonly cause?: { readonly code?: string; message?: string } };
  if (name === "TimeoutError") return `no answer within ${withinMs / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}
