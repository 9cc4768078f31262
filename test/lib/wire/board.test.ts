import { expect, test } from "vitest";
import { openBoard } from "../../../src/lib/wire/board.ts";
import { fakeWorld } from "./fake-world.ts";

test("credentials that have expired at one look are asked for again at the next", async () => {
  await using fake = await fakeWorld();
  const { ecr } = fake;
  const board = await openBoard(fake.world);
  ecr.fail({ operation: "GetCallerIdentity", times: 1, how: { error: "ExpiredTokenException" } });
  const look = () => board.gates("a".repeat(40), "prod").catch((error: unknown) => error);
  expect(await look()).toMatchObject({ code: "CREDENTIALS_EXPIRED" });
  // The git of this world knows no such revision, which is only seen by whoever came past the credentials.
  expect(await look()).toMatchObject({ code: "TAG_INVALID" });
  expect(ecr.calls.filter((call) => call === "GetCallerIdentity").length).toBeGreaterThan(1);
});
