import type { Author } from "./author.ts";
import { encodeRecord, recordIn } from "./record.ts";
import { firstSignedShape } from "./shapes.ts";
import { createParameter, findParameters, type StorePorts } from "./store.ts";

/** The first promotion to an environment that passed its gate signature: from then on the gate keeps out what does not. */
export interface FirstSigned {
  /** Digest of the bundle that passed. */
  readonly bundle: string;
  readonly by: Author;
  /** ISO 8601; once read, by the server's clock. */
  readonly at: string;
}

/** `/<app>/<environment>/signed`: written once, never changed. */
export interface SignedBook {
  firstSigned(environment: string): Promise<FirstSigned | undefined>;
  recordFirstSigned(environment: string, first: FirstSigned): Promise<"created" | "present">;
}

/** The record in Parameter Store. */
export function parameterSigned(ports: StorePorts): SignedBook {
  const nameOf = (environment: string): string => `/${ports.app}/${environment}/signed`;
  return {
    firstSigned: async (environment) => {
      const name = nameOf(environment);
      const stored = (await findParameters([name], ports)).found.get(name);
      if (stored === undefined) return undefined;
      const { data } = firstSignedShape.safeParse(recordIn(name, stored.text, ports.version));
      // What cannot be read does not open the gate again.
      const { bundle, by, at } = data ?? {
        bundle: "",
        by: { user: "somebody", host: "" },
        at: new Date(0).toISOString(),
      };
      return { bundle, by, at: stored.writtenAt ?? at };
    },
    recordFirstSigned: async (environment, first) => {
      const text = encodeRecord({ schema: 1, ...first }, "the record of the first signed promotion", {});
      return (await createParameter(nameOf(environment), text, ports)) === "created" ? "created" : "present";
    },
  };
}
