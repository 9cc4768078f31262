import { isDeployable } from "../../fleet/hosts.ts";
import type { Visit } from "../../process/local-server.ts";
import type { ShowPorts } from "./ports.ts";
import { whyUnread } from "./read-part.ts";

/**
 * Tells a page what containers say, until it is closed; what cannot be read is told too, and when it can be again.
 * @throws an error that was not meant to be said to a person
 */
export async function followLog(
  environment: string,
  visit: Visit,
  { config, draw, follow }: Pick<ShowPorts, "config" | "draw" | "follow">,
): Promise<void> {
  const own = config.environments[environment];
  if (own === undefined || !isDeployable(own)) return visit.refuse();
  const tell = visit.stream();
  let told = "";
  try {
    await follow(environment, {
      show: (lines) => tell("lines", lines.map((line) => draw.line(line)).join("\n")),
      missing: (says) => {
        const now = says.join("; ");
        if (now !== told) tell("unread", (told = now));
      },
      closed: visit.gone,
    });
  } catch (error) {
    if (!visit.gone.aborted) tell("unread", whyUnread(error).message);
  }
}
