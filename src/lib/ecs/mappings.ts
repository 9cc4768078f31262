import type { ServiceReport } from "./report.ts";

/** What compose has in two forms, of which it prints the one that a file has, or a list where several files say something. */
export type Mapping<Value> = Readonly<Record<string, Value>> | readonly (string | number | boolean)[];

/**
 * `NAME=value` of a list as a mapping; what is a name alone has no value.
 * @param key of the compose file, for what is refused
 */
export function mappingOf<Value>(
  written: Mapping<Value>,
  key: string,
  report: ServiceReport,
): Readonly<Record<string, Value | string | null>> {
  if (!isList(written)) return written;
  return Object.fromEntries(
    written.map((entry) => {
      const [name = "", value] = String(entry).split(/=(.*)/s);
      // Of a mapping compose fills in values alone, of a list all that stands there.
      if (name.includes("$"))
        report.refuse(`has ${String(entry)} in its ${key}, and no variable can decide a name on ECS: write NAME=value`);
      return [name, value ?? null];
    }),
  );
}

function isList<Value>(written: Mapping<Value>): written is readonly (string | number | boolean)[] {
  return Array.isArray(written);
}
