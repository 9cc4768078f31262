import { CreateDocumentCommand, DeleteDocumentCommand, GetCalendarStateCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeCalendars } from "../../../../../src/lib/remote/change-calendar.ts";
import { realPace } from "../../../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../../../../src/lib/sandbox/server/ssm/ssm.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../../fakes/distribution.ts";
import { hurriedClock } from "../../../../fakes/hurried-clock.ts";
import { account, openSandbox, type OpenSandbox, region } from "../open-sandbox.ts";
import { localHosts } from "./local-hosts.ts";

// What is said of AWS here is documented: the SSM API reference (CreateDocument, GetCalendarState), and the Systems Manager user
// guide, "AWS Systems Manager Change Calendar" and "Getting the state of a change calendar".

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
let ssm: SSMClient;
const hosts = localHosts({});
beforeAll(async () => {
  distribution = await startFakeDistribution();
  const service = await createSsmOn({
    stateDir: undefined,
    executor: hosts,
    pace: realPace,
    hiddenFor: 0,
    report: () => undefined,
  });
  sandbox = await openSandbox({ upstream: distribution.upstream, services: [service], withoutSockets: true });
  ssm = new SSMClient(sandbox.clientSettings);
  await create("open-but", event("20261224T180000Z", "20261227T060000Z"));
  await create("closed-but", event("20261130T080000Z", "20261130T160000Z"), "DEFAULT_CLOSED");
});
afterAll(async () => {
  ssm.destroy();
  await sandbox.stop();
  await distribution.stop();
  hosts.close();
});

const event = (start: string, end: string): string =>
  `BEGIN:VEVENT\r\nDTSTART:${start}\r\nDTEND:${end}\r\nEND:VEVENT\r\n`;
const text = (events: string, type: string): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-CALENDAR-TYPE:${type}\r\n${events}END:VCALENDAR\r\n`;
const create = (Name: string, events: string, type = "DEFAULT_OPEN", more: object = {}) =>
  ssm.send(
    new CreateDocumentCommand({
      Name,
      Content: text(events, type),
      DocumentType: "ChangeCalendar",
      DocumentFormat: "TEXT",
      ...more,
    }),
  );
const state = async (at: string | undefined, ...names: string[]) => {
  const { $metadata: _, ...answer } = await ssm.send(
    new GetCalendarStateCommand({ CalendarNames: names, ...(at !== undefined && { AtTime: at }) }),
  );
  return answer;
};
const ask = (...names: string[]) =>
  changeCalendars({ aws: { ssm: () => Promise.resolve(ssm) }, clock: hurriedClock() }).stateOf(names);

describe("a change calendar, as documented,", () => {
  test("that is open by default is closed during its events, and tells when that changes", async () => {
    expect(await state("2026-12-24T17:59:59Z", "open-but")).toEqual({
      State: "OPEN",
      AtTime: "2026-12-24T17:59:59Z",
      NextTransitionTime: "2026-12-24T18:00:00Z",
    });
    expect(await state("2026-12-24T18:00:00Z", "open-but")).toMatchObject({
      State: "CLOSED",
      NextTransitionTime: "2026-12-27T06:00:00Z",
    });
    expect(await state("2026-12-27T06:00:00Z", "open-but")).toEqual({ State: "OPEN", AtTime: "2026-12-27T06:00:00Z" });
  });

  test("that is closed by default is open during its events", async () => {
    expect(await state("2026-11-30T07:00:00Z", "closed-but")).toMatchObject({
      State: "CLOSED",
      NextTransitionTime: "2026-11-30T08:00:00Z",
    });
    expect(await state("2026-11-30T12:00:00Z", "closed-but")).toMatchObject({ State: "OPEN" });
  });

  test("is open with others only where all of them are", async () => {
    expect(await state("2026-11-30T12:00:00Z", "open-but", "closed-but")).toMatchObject({ State: "OPEN" });
    // What the one does then changes nothing while the other is closed for good.
    expect(await state("2026-11-30T17:00:00Z", "open-but", "closed-but")).toEqual({
      State: "CLOSED",
      AtTime: "2026-11-30T17:00:00Z",
    });
  });

  test("has an ARN as well, and the time of now where none is given", async () => {
    const arn = `arn:aws:ssm:${region}:${account}:document/open-but`;
    expect(await state("2026-12-25T00:00:00Z", arn)).toMatchObject({ State: "CLOSED" });
    const { AtTime = "" } = await state(undefined, "open-but");
    expect(Math.abs(Date.parse(AtTime) - Date.now())).toBeLessThan(60_000);
  });

  test("may have lines that go on in the next one", async () => {
    await create("folded", event("20260701T070000Z", "20260701T0800\r\n 00Z"));
    expect(await state("2026-07-01T07:59:59Z", "folded")).toMatchObject({
      State: "CLOSED",
      NextTransitionTime: "2026-07-01T08:00:00Z",
    });
  });

  test("that is not there is InvalidDocument, and a document of another type InvalidDocumentType", async () => {
    await expect(state(undefined, "nowhere")).rejects.toMatchObject({ name: "InvalidDocument" });
    await expect(state(undefined, "open-but", "nowhere")).rejects.toMatchObject({ name: "InvalidDocument" });
    await expect(state(undefined, "AWS-RunShellScript")).rejects.toMatchObject({ name: "InvalidDocumentType" });
    await create("short-lived", "");
    await ssm.send(new DeleteDocumentCommand({ Name: "short-lived" }));
    await expect(state(undefined, "short-lived")).rejects.toMatchObject({ name: "InvalidDocument" });
    await expect(ssm.send(new DeleteDocumentCommand({ Name: "short-lived" }))).rejects.toMatchObject({
      name: "InvalidDocument",
    });
  });

  test("is made once, of iCalendar text, and of what the sandbox can read", async () => {
    await expect(create("open-but", "")).rejects.toMatchObject({ name: "DocumentAlreadyExists" });
    const wrong = { name: "InvalidDocumentContent" };
    await expect(create("bad-type", "", "OPEN")).rejects.toMatchObject(wrong);
    await expect(create("bad-end", event("20261224T180000Z", "20261224T180000Z"))).rejects.toMatchObject(wrong);
    await expect(create("bad-time", event("tomorrow", "20261224T180000Z"))).rejects.toMatchObject(wrong);
    // Which AWS would take.
    await expect(create("zone", event("20261224T180000", "20261224T190000Z"))).rejects.toMatchObject(wrong);
    await expect(create("bad-text", "", "DEFAULT_OPEN", { Content: "x" })).rejects.toMatchObject(wrong);
    await expect(create("again", "RRULE:FREQ=DAILY\r\n")).rejects.toMatchObject(wrong);
    await expect(create("yaml", "", "DEFAULT_OPEN", { DocumentFormat: "YAML" })).rejects.toMatchObject(wrong);
    // A name is one document's, whatever its type.
    const command = { DocumentType: "Command", DocumentFormat: "JSON", Content: commandContent } as const;
    await expect(create("open-but", "", "DEFAULT_OPEN", command)).rejects.toMatchObject({
      name: "DocumentAlreadyExists",
    });
    await create("command", "", "DEFAULT_OPEN", command);
    await expect(state(undefined, "command")).rejects.toMatchObject({ name: "InvalidDocumentType" });
    await expect(create("aws-mine", "")).rejects.toMatchObject({ name: "ValidationException" });
  });
});

const commandContent = JSON.stringify({
  schemaVersion: "2.2",
  mainSteps: [{ action: "aws:runShellScript", name: "run", inputs: { runCommand: ["true"] } }],
});

describe("the gate's question", () => {
  test("is whether all are open, and until when", async () => {
    const { isOpen, changesAt } = (await ask("open-but")) as { isOpen: boolean; changesAt: number };
    const open = await state(undefined, "open-but");
    expect([isOpen, changesAt]).toEqual([open.State === "OPEN", Date.parse(open.NextTransitionTime ?? "")]);
  });

  test("has no answer where a name is no calendar, which is not open", async () => {
    expect(await ask("nowhere")).toEqual({
      unknown: "nowhere is neither in this account and region nor shared with it",
    });
    expect(await ask("open-but", "AWS-RunShellScript")).toEqual({
      unknown: "one of open-but and AWS-RunShellScript is no calendar",
    });
  });
});
