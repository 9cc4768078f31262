import { dated, utc } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";
import { isOpen, nextOpening, shownText, windowText } from "./window.ts";

/** Whether the environment takes releases now, by the server's clock. */
export function judgeWindow({ environment, published, now }: GateFacts): GateVerdict {
  const { window } = environment.gates;
  if (window === undefined) return notConfigured;
  const { zone } = window;
  const it = `it is ${shownText(zone, now)} in ${zone}`;
  const takes = `${environment.name} takes releases ${windowText(window)}`;
  if (isOpen(window, now)) return passed(`${it}, and ${takes}`);
  const at = nextOpening(window, now);
  if (at === undefined) return blocked(`${it}, ${takes}, and that never comes`, "threads config");
  return waiting(
    `${it}, and ${takes}: it opens ${shownText(zone, at)} there, ${dated(utc(at))}`,
    { by: "time", at },
    `threads gates ${published.release.revision} -e ${environment.name}`,
  );
}
