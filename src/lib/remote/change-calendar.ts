import type { GetCalendarStateCommandOutput } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../aws/clients.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import type { CallPorts } from "../aws/patient-calls.ts";
import { are, list } from "../text/words.ts";

/** Whether calendars let anything be changed now; or, completing "whether they are open cannot be told: …", why nobody knows. */
export type CalendarState =
  | {
      readonly isOpen: boolean;
      /** When that changes, in milliseconds since the epoch; undefined where it never does, or nobody says. */
      readonly changesAt: number | undefined;
    }
  | { readonly unknown: string };

/** Change calendars of Systems Manager. */
export interface Calendars {
  /** Of several at once: open only where all of them are. @param names of documents, or their ARNs */
  stateOf(names: readonly string[]): Promise<CalendarState>;
}

/** As Systems Manager tells it (GetCalendarState). Nothing is asked before the first call. */
export function changeCalendars(ports: CallPorts & { readonly aws: Pick<AwsClients, "ssm"> }): Calendars {
  const call = ssmCalls(ports);
  return {
    stateOf: async (names) => {
      const isNo = (what: string) => (): { readonly unknown: string } => ({
        unknown: names.length === 1 ? `${list(names)} is ${what}` : `one of ${list(names)} is ${what}`,
      });
      const answer = await call<Partial<GetCalendarStateCommandOutput> | { readonly unknown: string }>({
        doing: `asking whether ${list(names)} ${are(names.length)} open`,
        send: (client, { GetCalendarStateCommand }, options) =>
          client.send(new GetCalendarStateCommand({ CalendarNames: [...names] }), options),
        answers: {
          InvalidDocument: isNo("neither in this account and region nor shared with it"),
          InvalidDocumentType: isNo("no calendar"),
          UnsupportedCalendarException: isNo("no calendar that Systems Manager can read"),
        },
      });
      if ("unknown" in answer) return answer;
      const { State, NextTransitionTime = "" } = answer;
      if (State !== "OPEN" && State !== "CLOSED") return { unknown: `Systems Manager answers ${State ?? "nothing"}` };
      const changesAt = Date.parse(NextTransitionTime);
      return { isOpen: State === "OPEN", changesAt: Number.isNaN(changesAt) ? undefined : changesAt };
    },
  };
}
