import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { FakeDeployments } from "./github-deployments.ts";

/** A check run as the REST API has it. */
export interface Run {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly html_url: string | null;
  readonly app: { readonly id: number } | null;
}

/** GitHub's REST API for the checks of a commit and for deployments (2022-11-28): pages, tokens, private repositories. */
export interface FakeGithub extends AsyncDisposable {
  /** For GITHUB_API_URL. */
  readonly url: string;
  runs: readonly Run[];
  statuses: readonly { readonly context: string; readonly state: string; readonly target_url: string | null }[];
  /** Without this token nobody finds the repository; undefined is a public one. */
  token: string | undefined;
  /** The token may read, and no more: a job without `deployments: write`. */
  readOnly: boolean;
  readonly deployments: FakeDeployments;
  /** Answers every request with this instead. */
  broken: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } | undefined;
  /** Takes requests, and never answers. */
  isSilent: boolean;
  /** Never answers what is asked behind this end of a path. */
  silentAt: string | undefined;
  readonly asked: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }[];
}

/** @param repository `owner/name`. @param revision the only commit that it has */
export async function fakeGithub(repository: string, revision: string): Promise<FakeGithub> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const { method = "GET" } = request;
    github.asked.push({ method, path: url.pathname, headers: request.headers });
    if (github.isSilent || url.pathname.endsWith(github.silentAt ?? "\0")) return;
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (github.broken !== undefined) {
      const { status, body, headers = {} } = github.broken;
      return void response.writeHead(status, headers).end(body);
    }
    const given = request.headers.authorization;
    if (given !== undefined && given !== `Bearer ${github.token ?? ""}`)
      return say(401, { message: "Bad credentials" });
    const commit = `/repos/${repository}/commits/${revision}`;
    if (github.token !== undefined && given === undefined) return say(404, { message: "Not Found" });
    if (method !== "GET" && given === undefined) return say(401, { message: "Requires authentication" });
    if (method !== "GET" && github.readOnly) return say(403, { message: "Resource not accessible by integration" });
    const path = url.pathname.slice(`/repos/${repository}`.length);
    const isOurs = url.pathname.startsWith(`/repos/${repository}/deployments`);
    if (isOurs)
      return void bodyOf(request)
        .then((body) => github.deployments.answer({ method, path, query: url.searchParams, body }))
        .then((answer) => say(answer?.status ?? 404, answer?.body ?? { message: "Not Found" }));
    const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
    const from = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
    const page = (key: string, all: readonly object[]): void =>
      say(200, { total_count: all.length, [key]: all.slice(from, from + size) });
    if (url.pathname === `${commit}/check-runs`) return page("check_runs", github.runs);
    if (url.pathname === `${commit}/status`) return page("statuses", github.statuses);
    return say(404, { message: "Not Found" });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const github: FakeGithub = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    runs: [],
    statuses: [],
    token: undefined,
    readOnly: false,
    isSilent: false,
    silentAt: undefined,
    deployments: new FakeDeployments((sha) => sha === revision),
    broken: undefined,
    asked: [],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return github;
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  return request.method === "GET" ? {} : ((await json(request)) as Record<string, unknown>);
}
