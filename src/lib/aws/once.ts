/** Makes something on first use and keeps it: a second caller gets the same, also while it is still being made. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
