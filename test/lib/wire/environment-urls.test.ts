import { expect, test } from "vitest";
import { environmentUrls } from "../../../src/lib/wire/environment-urls.ts";
import { aConfig } from "../../fakes/config.ts";

const config = aConfig({
  environments: {
    staging: { hosts: { tag: "env=staging" } },
    prod: { hosts: { tag: "env=prod" }, url: "https://shop.example" },
  },
});
const urls = (env: Readonly<Record<string, string>>) => environmentUrls({ config: () => Promise.resolve(config), env });

test("environments answer where threads.yml says", async () => {
  expect(await urls({})).toEqual({ prod: "https://shop.example" });
});

test("in a sandbox they do not: only its hosts answer there", async () => {
  expect(await urls({ AWS_ENDPOINT_URL: "http://127.0.0.1:20000" })).toEqual({});
});
