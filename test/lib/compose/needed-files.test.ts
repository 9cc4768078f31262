import { expect, test } from "vitest";
import { filesNeeded } from "../../../src/lib/compose/needed-files.ts";

const needed = (text: string, path = "backend/compose.yml"): string[] => filesNeeded(text, path);

test("what a file includes and extends, beside it, with the environment files of what it includes", () => {
  const text = `
include:
  - one.yml
  - path: [two.yml, ../shared/three.yml]
    env_file: two.env
services:
  web: { extends: { file: base.yml, service: web }, env_file: app.env }
  celery: { extends: { service: web } }
  beat: { extends: web }
`;
  expect(needed(text)).toEqual([
    "backend/one.yml",
    "backend/two.yml",
    "shared/three.yml",
    "backend/two.env",
    "backend/base.yml",
  ]);
});

test("nothing of the host, and nothing of what is no compose file", () => {
  expect(needed("include: [/etc/compose.yml]")).toEqual([]);
  for (const text of ["", "services: [", "just text", "services: { web: , other: 3 }", "include: { path: 7 }"])
    expect(needed(text)).toEqual([]);
});
