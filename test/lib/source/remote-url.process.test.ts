import { expect, test } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { remoteUrl } from "../../../src/lib/source/remote-url.ts";
import { testRepository } from "./repository.ts";

test("origin is where git itself would go, whatever short form somebody has for it", async () => {
  using repository = testRepository();
  expect(await remoteUrl(repository.root, systemProcesses)).toBeUndefined();
  repository.git("remote", "add", "origin", "gh:acme/shop");
  repository.git("config", "url.https://github.com/.insteadOf", "gh:");
  expect(await remoteUrl(repository.root, systemProcesses)).toBe("https://github.com/acme/shop");
});
