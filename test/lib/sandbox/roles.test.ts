import { expect, it } from "vitest";
import { readSession } from "../../../src/lib/sandbox/server/iam/session.ts";
import { environmentOf } from "../../../src/lib/sandbox/environment.ts";
import { hostCredentials, roleCredentials, trustedRoles } from "../../../src/lib/sandbox/roles.ts";
import { configOf, stateOf } from "./world.ts";

const config = configOf("/checkout");
const state = stateOf();
const now = Date.parse("2026-11-22T10:00:00Z");
const as = (role: string, user = "ada") => roleCredentials(role, { config, state, now, user });

it("a role is taken by its name, with that of the application or without, for half a day", () => {
  for (const name of ["prod-deployer", "threads-prod-deployer"])
    expect(readSession(as(name).sessionToken, state)?.session).toEqual({
      role: "threads-prod-deployer",
      name: "ada",
      expiresAt: now / 1000 + 12 * 3600,
    });
  expect(as("reader").accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
});

it("a person's name is one that STS takes", () => {
  expect(readSession(as("reader", "Ada Lovelace").sessionToken, state)?.session.name).toBe("Ada-Lovelace");
  expect(readSession(as("reader", "a").sessionToken, state)?.session.name).toBe("a-");
});

it("one that there is not is refused with those that there are", () => {
  expect(() => as("prod-deployr")).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining("threads-prod-deployer, ") }),
  );
});

it("a shell gets its token, which nothing takes away again", () => {
  const { variables, unset } = environmentOf(state, "threads", as("reader"));
  expect(variables["AWS_SESSION_TOKEN"]).toBe(as("reader").sessionToken);
  expect(unset).not.toContain("AWS_SESSION_TOKEN");
  expect(environmentOf(state, "threads").unset).toContain("AWS_SESSION_TOKEN");
});

it("a host has the role of its environment's hosts, the same at every start", () => {
  const host = { id: "i-1", env: "prod" };
  const made = hostCredentials("threads", host, state);
  expect(readSession(made.sessionToken, state)?.session).toMatchObject({ role: "threads-prod-host", name: "i-1" });
  expect(hostCredentials("threads", host, state)).toEqual(made);
  expect(readSession(made.sessionToken, { ...state, secretAccessKey: "another" })).toBeUndefined();
});

it("workflows are trusted as `threads policy iam` prints it where origin is on GitHub, and nowhere else", async () => {
  const trusted = async (url: string | undefined) => {
    const roles = await trustedRoles(state, { config, origin: () => Promise.resolve(url) });
    return roles.flatMap(({ name, trust }) =>
      trust.Statement.flatMap(({ Principal, Condition }) =>
        Principal?.Federated === undefined ? [] : [[name, Object.values(Condition?.["StringEquals"] ?? {}).at(-1)]],
      ),
    );
  };
  expect(await trusted("git@github.com:acme/shop.git")).toEqual([
    ["threads-publisher", ["repo:acme/shop:environment:publish"]],
    ["threads-staging-deployer", ["repo:acme/shop:environment:staging"]],
    ["threads-prod-deployer", ["repo:acme/shop:environment:prod"]],
  ]);
  for (const url of ["git@gitlab.com:acme/shop.git", undefined]) expect(await trusted(url)).toEqual([]);
});

it("of others the sandbox's own key alone is trusted, whomever AWS would trust beside it", async () => {
  const roles = await trustedRoles(state, { config, origin: () => Promise.resolve(undefined) });
  expect(roles.map(({ trust }) => trust.Statement.map(({ Sid }) => Sid))).toEqual(roles.map(() => ["Everybody"]));
});
