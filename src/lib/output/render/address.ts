import type { Paint } from "../paint.ts";

/** Where people reach environments, by name, as far as that is known. */
export type Addresses = Readonly<Record<string, string>>;

/** Where an environment answers; nothing where only its hosts say. */
export function addressLine(environment: string, addresses: Addresses, paint: Paint): string[] {
  const url = addresses[environment];
  return url === undefined ? [] : [paint.dim(`${environment} answers at ${url}`)];
}
