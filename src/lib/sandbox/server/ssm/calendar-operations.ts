import { inputReader } from "../input.ts";
import type { JsonStore } from "../json-store.ts";
import { type Operation, ServiceError } from "../protocol.ts";
import type { Pace } from "./hosts.ts";
import { areOpen, type ChangeCalendar, nextTransition, readCalendar } from "./icalendar.ts";

/** The text of each calendar, by its name. */
export interface CalendarState {
  readonly calendars: Record<string, string>;
}

const read = inputReader("ValidationException");
const documentName = /^[\w.-]{3,128}$/;

/**
 * Documents of the type ChangeCalendar, and whether they are open (SSM API reference: CreateDocument, DeleteDocument,
 * GetCalendarState).
 */
export function calendarOperations(ports: {
  readonly store: JsonStore<CalendarState>;
  readonly pace: Pick<Pace, "now">;
}): Record<string, Operation> {
  const { store, pace } = ports;
  return {
    async CreateDocument(input) {
      const name = read.string(input, "Name", { pattern: documentName });
      const content = read.string(input, "Content", { min: 1 });
      if (/^(?:aws|amazon|amzn)/i.test(name))
        throw new ServiceError("ValidationException", `${name} is a name of AWS's own.`);
      if (read.optionalString(input, "DocumentFormat") !== "TEXT")
        throw new ServiceError("InvalidDocumentContent", "The format of a ChangeCalendar is TEXT.");
      check(content);
      await store.update(({ calendars }) => {
        if (Object.hasOwn(calendars, name))
          throw new ServiceError("DocumentAlreadyExists", "The specified document already exists.");
        calendars[name] = content;
      });
      return {
        DocumentDescription: { Name: name, DocumentType: "ChangeCalendar", DocumentFormat: "TEXT", Status: "Active" },
      };
    },
    async DeleteDocument(input) {
      const name = read.string(input, "Name", { pattern: documentName });
      await store.update(({ calendars }) => {
        if (!Object.hasOwn(calendars, name)) throw missing(name);
        delete calendars[name];
      });
      return {};
    },
    GetCalendarState(input, { region, identity }) {
      const at = atTime(read.optionalString(input, "AtTime")) ?? pace.now();
      const own = `arn:aws:ssm:${region}:${identity.account}:document/`;
      const found = read.strings(input, "CalendarNames", { min: 1 }).map((name) => {
        const bare = name.startsWith(own) ? name.slice(own.length) : name;
        if (bare.startsWith("AWS-"))
          throw new ServiceError("InvalidDocumentType", "The SSM document type isn't valid.");
        const text = Object.hasOwn(store.state.calendars, bare) ? store.state.calendars[bare] : undefined;
        if (text === undefined) throw missing(name);
        return readCalendar(text);
      });
      return Promise.resolve(stateView(found, at));
    },
  };
}

function stateView(calendars: readonly ChangeCalendar[], at: number): object {
  const next = nextTransition(calendars, at);
  return {
    State: areOpen(calendars, at) ? "OPEN" : "CLOSED",
    AtTime: toTheSecond(at),
    ...(next !== undefined && { NextTransitionTime: toTheSecond(next) }),
  };
}

function check(content: string): void {
  try {
    readCalendar(content);
  } catch (error) {
    throw new ServiceError("InvalidDocumentContent", (error as Error).message);
  }
}

function atTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new ServiceError("ValidationException", `${text} is no time in ISO 8601.`);
  return at;
}

function missing(name: string): ServiceError {
  return new ServiceError("InvalidDocument", `Document with name ${name} does not exist.`);
}

function toTheSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
