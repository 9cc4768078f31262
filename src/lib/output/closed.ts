/** Aborted when what is written to it is not read any more: a pipe whose reader has gone, a terminal that was closed. */
export function closedOf(out: NodeJS.WritableStream): AbortSignal {
  const closed = new AbortController();
  const close = (): void => closed.abort(new Error("stdout was closed"));
  out.on("error", close).on("close", close);
  return closed.signal;
}
