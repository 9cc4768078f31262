import type { Config } from "../config/config.ts";
import { wordsOf } from "../errors/words-of.ts";
import { asOnHosts } from "../fleet/as-on-hosts.ts";
import type { Way } from "../fleet/way.ts";
import type { HttpGet } from "../probe/http-get.ts";

/** All checks together. */
const limitMs = 60_000;

/**
 * What people ask, from here: a load balancer hands each request to any task. Whoever has no way to it can tell nothing of the
 * application, good or bad. @param url of the environment
 */
export function urlWay(
  url: string,
  { runtime, get }: { readonly runtime: Config["runtime"]; readonly get: HttpGet },
): Way {
  const { origin, protocol } = new URL(url);
  const scheme = runtime.forwardedProto === undefined ? {} : { forwardedProto: runtime.forwardedProto };
  let [answered, silence] = [false, ""];
  return {
    base: origin,
    limitMs,
    // Its name is that of the address; and by which scheme it is asked, whatever stands in front of it says.
    asked: (check) => (protocol === "https:" ? check : asOnHosts(check, scheme)),
    get: async (asked, options) => {
      try {
        const reply = await get(asked, options);
        answered = true;
        return reply;
      } catch (error) {
        options.signal.throwIfAborted();
        // A certificate that is not good everybody meets.
        if (isCertificate(error)) answered = true;
        silence ||= wordsOf(error);
        // Without its code: a port that nobody opens is not waited for, as it is in a stack that comes up.
        throw new Error(wordsOf(error), { cause: error });
      }
    },
    silence: () => (answered || silence === "" ? undefined : `${origin} does not answer from here: ${silence}`),
  };
}

function isCertificate(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return /CERT|ALTNAME|UNABLE_TO_(?:GET_ISSUER|VERIFY)/.test(code);
}
