import { type Operation, ServiceError } from "../protocol.ts";

type Kind = "commands" | "calendars";

/** Operations on documents, of which each type has its own; a name is one document's, whatever its type (API reference, CreateDocument). */
export function documentsOfEachType({
  holds,
  ...own
}: Readonly<Record<Kind, Readonly<Record<string, Operation>>>> & {
  /** Where a document of that name is; undefined where there is none. */
  readonly holds: (name: string) => Kind | undefined;
}): Record<string, Operation> {
  const held = ({ Name }: Readonly<Record<string, unknown>>): Kind | undefined => holds(String(Name));
  const of =
    (operation: string, kind: (input: Readonly<Record<string, unknown>>) => Kind): Operation =>
    (input, call) => {
      const answer = own[kind(input)][operation];
      if (answer === undefined)
        throw new ServiceError("InvalidDocumentType", "The SSM document type isn't valid for this operation.");
      return answer(input, call);
    };
  const names = new Set([...Object.keys(own.commands), ...Object.keys(own.calendars)]);
  return {
    ...Object.fromEntries([...names].map((name) => [name, of(name, (input) => held(input) ?? "commands")])),
    GetCalendarState: of("GetCalendarState", ({ CalendarNames }) =>
      [CalendarNames].flat().some((name) => holds(String(name)) === "commands") ? "commands" : "calendars",
    ),
    CreateDocument: of("CreateDocument", (input) => {
      const type = input["DocumentType"] === "ChangeCalendar" ? "calendars" : "commands";
      if (held(input) !== undefined && held(input) !== type)
        throw new ServiceError("DocumentAlreadyExists", "The specified document already exists.");
      return type;
    }),
  };
}
