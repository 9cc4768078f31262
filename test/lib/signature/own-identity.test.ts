import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownIdentity } from "../../../src/lib/signature/own-identity.ts";

/** What gives tokens to jobs, as GitHub's documentation has it: by a bearer, for an audience. */
let claims: object = {};
let status = 200;
const asked: { readonly url: string; readonly authorization: string | undefined }[] = [];
const server = createServer((request, response) => {
  asked.push({ url: request.url ?? "", authorization: request.headers.authorization });
  response
    .writeHead(status, { location: "/elsewhere" })
    .end(JSON.stringify(status === 200 ? { value: tokenOf(claims) } : {}));
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token?api-version=2.0`;
});
afterAll(() => server.close());

const tokenOf = (body: object): string => `e30.${Buffer.from(JSON.stringify(body)).toString("base64url")}.c2ln`;
const { signal } = new AbortController();
const github = "https://token.actions.githubusercontent.com";
const inJob = () => ({ ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "asks" });
const anybody = { identity: "*", issuer: undefined };

test("in a reusable workflow it is that one, and not the one that was begun", async () => {
  const called = "acme/ci/.github/workflows/publish.yml@refs/tags/v2";
  claims = {
    iss: github,
    job_workflow_ref: called,
    workflow_ref: "acme/app/.github/workflows/release.yml@refs/heads/dev",
  };
  expect(await ownIdentity(inJob(), signal)).toEqual({ identity: `https://github.com/${called}`, issuer: github });
  expect(asked.at(-1)).toEqual({ url: "/token?api-version=2.0&audience=sigstore", authorization: "Bearer asks" });
});

test("a job that gets no token is told so: it could not sign, either", async () => {
  status = 403;
  await expect(ownIdentity(inJob(), signal)).rejects.toThrow("GitHub gives no token to say who signs: HTTP 403");
  status = 200;
});

test("what a job asks with goes nowhere else: a redirect is no answer", async () => {
  status = 307;
  const before = asked.length;
  await expect(ownIdentity(inJob(), signal)).rejects.toThrow("GitHub gives no token to say who signs: ");
  expect(asked).toHaveLength(before + 1);
  status = 200;
});

test("where nobody answers it says why, and not only that fetch failed", async () => {
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  const env = { ...inJob(), ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${String(port)}/` };
  await expect(ownIdentity(env, signal)).rejects.toThrow("GitHub gives no token to say who signs: ECONNREFUSED");
});

const gitlab = "gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main";
test.each([
  [
    "a pipeline of GitLab",
    { iss: "https://gitlab.com", ci_config_ref_uri: gitlab },
    { identity: `https://${gitlab}`, issuer: "https://gitlab.com" },
  ],
  [
    "a person at Google",
    { iss: "https://accounts.google.com", email: "ada@example.com" },
    { identity: "ada@example.com", issuer: "https://accounts.google.com" },
  ],
  [
    "a person who came by way of Sigstore's own provider",
    {
      iss: "https://oauth2.sigstore.dev/auth",
      email: "ada@example.com",
      federated_claims: { connector_id: "https://github.com/login/oauth" },
    },
    { identity: "ada@example.com", issuer: "https://github.com/login/oauth" },
  ],
  [
    "a job of a GitHub that is not github.com",
    {
      iss: "https://git.acme.example/_services/token",
      job_workflow_ref: "acme/ci/.github/workflows/publish.yml@refs/heads/dev",
    },
    anybody,
  ],
  ["somebody of whom no claim is the name", { iss: "https://kubernetes.example", sub: "system" }, anybody],
])("elsewhere it is whom SIGSTORE_ID_TOKEN names: %s", async (_, body, identity) => {
  expect(await ownIdentity({ SIGSTORE_ID_TOKEN: tokenOf(body) }, signal)).toEqual(identity);
});

test.each<[string, Record<string, string>]>([
  ["without a token", {}],
  ["with what is none", { SIGSTORE_ID_TOKEN: "secret" }],
  ["at Buildkite, whose agent has it", { BUILDKITE_AGENT_ACCESS_TOKEN: "t", SIGSTORE_ID_TOKEN: tokenOf({ iss: "x" }) }],
])("it may be anybody %s", async (_, env) => {
  expect(await ownIdentity(env, signal)).toEqual(anybody);
});
