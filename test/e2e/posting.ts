import { expect } from "vitest";

/** Asks the example's API. @returns the body; fails for any other answer than a good one */
export async function callApi(
  url: string | undefined,
  path: string,
  { body, token }: { readonly body?: object; readonly token?: string } = {},
): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Token ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect({ path, ok: response.ok, text: response.ok ? "" : text.slice(0, 500) }).toEqual({ path, ok: true, text: "" });
  return text === "" ? undefined : JSON.parse(text);
}

/** A new user. @returns the token */
export async function joinAs(url: string | undefined, username: string): Promise<string> {
  const password = "correct horse battery";
  await callApi(url, "/api/users/", { body: { username, password } });
  return ((await callApi(url, "/api/token/", { body: { username, password } })) as { token: string }).token;
}

/** Posts at a fixed rate, each with a text of its own. @returns how to stop it, and get the texts that were taken */
export function startPosting(
  url: string | undefined,
  token: string,
  perSecond: number,
): { stop(): Promise<readonly string[]> } {
  const sent: Promise<string>[] = [];
  const timer = setInterval(() => {
    const body = `post ${sent.length}`;
    sent.push(callApi(url, "/api/posts/", { body: { body }, token }).then(() => body));
    // A failure is told by stop; until then nobody listens.
    sent.at(-1)?.catch(() => undefined);
  }, 1000 / perSecond);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(sent);
    },
  };
}
