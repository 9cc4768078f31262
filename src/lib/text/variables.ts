const withDefault = /\$\{\w+:?-([^${}]*)\}/g;

/** `${NAME:-text}` and `${NAME-text}` as compose reads them where nobody sets NAME; what has no default stays as it is. */
export function withDefaults(text: string): string {
  const read = text.replaceAll(withDefault, "$1");
  // A default may have one of its own in it.
  return read === text ? read : withDefaults(read);
}
