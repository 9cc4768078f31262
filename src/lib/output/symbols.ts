const plain: Readonly<Record<string, string>> = { "✔": "+", "✖": "x", "·": "-", "→": "->", "…": "..." };

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether the terminal shows what is not ASCII: not a dumb one, nor where the locale is C (locale(7) has the order). */
export function showsSymbols(env: Variables): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return env["TERM"] !== "dumb" && locale !== "C" && locale !== "POSIX";
}

/** The same in ASCII, as far as it is ours: names and messages of others stay as they are. */
export function withoutSymbols(text: string): string {
  return text.replaceAll(/[✔✖·→…]/g, (symbol) => plain[symbol] ?? symbol);
}
