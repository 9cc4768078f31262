import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pages } from "../../../src/lib/aws/patient-calls.ts";
import { type AwsContact, openContact } from "../../../src/lib/aws/contact.ts";
import { type SsmCall, ssmCalls } from "../../../src/lib/aws/ssm-calls.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { unusedPort } from "../../fakes/unused-port.ts";

let ssm: FakeSsm;
let contact: AwsContact;
let notes: string[];
let clock: ReturnType<typeof hurriedClock>;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  notes = [];
  contact = openContact((text) => notes.push(text));
  clock = hurriedClock();
});
afterEach(() => ssm.close());

/** A caller at an address, of which the SDK itself makes so many tries. */
function callerOf(endpoint: string, signal?: AbortSignal, maxAttempts = 1): SsmCall {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SSMClient({ region: "eu-west-1", endpoint, credentials, maxAttempts });
  return ssmCalls({ aws: { ssm: () => Promise.resolve(client), contact }, clock, signal });
}

const asking = (call: SsmCall, more: object = {}): Promise<string> =>
  call<string>({
    doing: "reading a name",
    send: async (client, sdk, options) => {
      const reply = await client.send(new sdk.GetParametersCommand({ Names: ["/a"] }), options);
      return String(reply.InvalidParameters);
    },
    ...more,
  });

/** So many failures, and then an answer. */
const often = <T>(fault: T, times: number): T[] => Array.from({ length: times }, () => fault);

describe("a call of AWS", () => {
  test.each([
    [{ type: "ThrottlingException" }, "throttles"],
    [{ type: "RequestLimitExceeded" }, "throttles"],
    [{ type: "ServiceQuotaExceededException" }, "throttles"],
    [{ type: "Anything", status: 429 }, "throttles"],
    [{ type: "InternalServerError", status: 500 }, "answers InternalServerError"],
    [{ type: "ServiceUnavailable", status: 503 }, "answers ServiceUnavailable"],
    [{ type: "RequestTimeout", status: 400 }, "answers RequestTimeout"],
    ["drop", "is silent"],
  ] as const)("waits %j out, and says so once", async (fault, says) => {
    ssm.fail("GetParameters", ...often(fault, 20));
    expect(await asking(callerOf(ssm.url))).toBe("/a");
    expect(ssm.count("GetParameters")).toBe(21);
    expect(notes).toEqual([`AWS ${says} while reading a name; trying again for up to 2 min`]);
  });

  test("is tried for two minutes, with pauses of one to five seconds", async () => {
    ssm.fail("GetParameters", ...often({ type: "ThrottlingException" }, 1000));
    const began = clock.now();
    const pauses: number[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => {
      pauses.push(ms);
      return sleep(ms, signal);
    };
    await expect(asking(callerOf(ssm.url))).rejects.toMatchObject({ code: "THROTTLED", outcome: "refused" });
    expect(clock.now() - began).toBe(120_000);
    const whole = pauses.slice(0, -1);
    expect(Math.min(...whole)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...whole)).toBeLessThanOrEqual(5_000);
    expect(new Set(whole).size).toBeGreaterThan(whole.length / 2);
  });

  test("is tried for less where its caller has less time", async () => {
    ssm.fail("GetParameters", ...often({ type: "ThrottlingException" }, 1000));
    const began = clock.now();
    await expect(asking(callerOf(ssm.url), { patienceMs: 7_000 })).rejects.toMatchObject({ code: "THROTTLED" });
    expect(clock.now() - began).toBe(7_000);
    expect(notes).toEqual([expect.stringContaining("up to 7 s")]);
  });

  test.each([
    ["AccessDeniedException", "ACCESS_DENIED"],
    ["ValidationException", "AWS_FAILURE"],
    ["ExpiredTokenException", "CREDENTIALS_EXPIRED"],
  ])("fails at once with %s", async (type, code) => {
    ssm.fail("GetParameters", { type });
    await expect(asking(callerOf(ssm.url))).rejects.toMatchObject({ code });
    expect(ssm.count("GetParameters")).toBe(1);
    expect(notes).toEqual([]);
  });

  test("ends at once when it is aborted, in a pause too", async () => {
    const stop = new AbortController();
    ssm.fail("GetParameters", ...often({ type: "ThrottlingException" }, 1000));
    contact.note = () => stop.abort(new Error("enough"));
    await expect(asking(callerOf(ssm.url, stop.signal))).rejects.toThrow("enough");
    expect(ssm.count("GetParameters")).toBe(1);
  });

  test("of several that wait at once the first says so, and the next trouble is said again", async () => {
    const call = callerOf(ssm.url);
    ssm.fail("GetParameters", ...often({ type: "ThrottlingException" }, 5));
    await Promise.all([asking(call), asking(call), asking(call)]);
    expect(notes).toHaveLength(1);
    ssm.fail("GetParameters", { type: "ThrottlingException" });
    await asking(call);
    expect(notes).toHaveLength(2);
  });
});

describe("an endpoint that nobody listens at", () => {
  test("is not waited for where AWS has never answered", async () => {
    const began = clock.now();
    await expect(asking(callerOf(await deadEnd()))).rejects.toMatchObject({ code: "AWS_UNREACHABLE", exitCode: 3 });
    expect(clock.now()).toBe(began);
    await expect(asking(callerOf("http://nowhere.invalid"))).rejects.toMatchObject({ code: "AWS_UNREACHABLE" });
    expect(clock.now()).toBe(began);
  });

  test("is waited for once AWS has answered, be it with a refusal", async () => {
    ssm.fail("GetParameters", { type: "ValidationException" });
    await expect(asking(callerOf(ssm.url))).rejects.toMatchObject({ code: "AWS_FAILURE" });
    const began = clock.now();
    await expect(asking(callerOf(await deadEnd()))).rejects.toMatchObject({ code: "AWS_UNREACHABLE" });
    expect(clock.now() - began).toBe(120_000);
  });
});

describe("what must not be done twice", () => {
  const lost = { ifLost: () => Promise.resolve("found") };

  test.each(["drop", "lose-reply", { type: "InternalServerError", status: 500 }] as const)(
    "is looked for after %j, and not tried again where it is found",
    async (fault) => {
      ssm.fail("GetParameters", fault);
      expect(await asking(callerOf(ssm.url), lost)).toBe("found");
      expect(ssm.count("GetParameters")).toBe(1);
    },
  );

  test("is tried again where it is not found, and in the end that is told", async () => {
    const told: boolean[] = [];
    const words = (_: Error, mayBeTaken: boolean): undefined => void told.push(mayBeTaken);
    const ifLost = (): Promise<undefined> => Promise.resolve(undefined);
    ssm.fail("GetParameters", "drop");
    expect(await asking(callerOf(ssm.url), { ifLost })).toBe("/a");
    ssm.fail("GetParameters", "drop", { type: "AccessDeniedException" }, { type: "AccessDeniedException" });
    const call = callerOf(ssm.url);
    await expect(asking(call, { ifLost, words })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    await expect(asking(call, { ifLost, words })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(told).toEqual([true, false]);
  });

  test("is tried again while AWS says that it does not take it", async () => {
    ssm.fail("GetParameters", ...often({ type: "ThrottlingException" }, 20));
    expect(await asking(callerOf(ssm.url), lost)).toBe("/a");
  });

  test("and while there is no connection to send it on", async () => {
    contact.answered = true;
    await expect(asking(callerOf(await deadEnd()), lost)).rejects.toMatchObject({ code: "AWS_UNREACHABLE" });
  });
});

test("an answer to an exception is told whether an earlier try may have been taken", async () => {
  const answers = { ParameterNotFound: (_: Error, mayBeTaken: boolean) => String(mayBeTaken) };
  const call = callerOf(ssm.url);
  ssm.fail("GetParameters", { type: "ParameterNotFound" });
  expect(await asking(call, { answers })).toBe("false");
  ssm.fail("GetParameters", { type: "ThrottlingException" }, { type: "ParameterNotFound" });
  expect(await asking(call, { answers })).toBe("false");
  ssm.fail("GetParameters", "drop", { type: "ParameterNotFound" });
  expect(await asking(call, { answers })).toBe("true");
  ssm.fail("GetParameters", "drop", { type: "ParameterNotFound" });
  expect(await asking(callerOf(ssm.url, undefined, 2), { answers })).toBe("true");
});

test("pages are read as long as there is a token, and no further than they are asked for", async () => {
  const asked: (string | undefined)[] = [];
  const read = (token: string | undefined): Promise<{ NextToken?: string }> => {
    asked.push(token);
    const next = { start: "two", two: "three", three: "" }[token ?? "start"];
    return Promise.resolve(next === undefined ? {} : { NextToken: next });
  };
  let seen = 0;
  for await (const _ of pages(read)) seen += 1;
  expect(seen).toBe(3);
  expect(asked).toEqual([undefined, "two", "three"]);
  asked.length = 0;
  for await (const _ of pages(read)) break;
  expect(asked).toEqual([undefined]);
});

/** An address of this machine where nothing listens any more. */
async function deadEnd(): Promise<string> {
  return `http://127.0.0.1:${await unusedPort()}`;
}
