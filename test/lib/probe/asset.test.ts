import { expect, it } from "vitest";
import { typeFits } from "../../../src/lib/probe/asset.ts";

it.each([
  ["stylesheet", "text/css; charset=utf-8", true],
  ["stylesheet", "text/html", false],
  ["script", "Application/JavaScript", true],
  ["script", "application/x-javascript", true],
  ["script", "text/plain", false],
  ["script", "application/json", false],
  ["image", "image/svg+xml", true],
  ["image", "binary/octet-stream", true],
  ["image", "text/html; charset=utf-8", false],
  ["image", "application/json", false],
  ["image", "video/mp4", false],
  ["font", "font/woff2", true],
  ["font", "application/octet-stream", true],
  ["font", "text/html", false],
  ["font", "image/png", false],
  ["media", "video/mp4", true],
  ["media", "text/html", false],
  ["media", "image/png", false],
  ["manifest", "application/manifest+json", true],
  ["manifest", "text/html", false],
  ["file", "text/plain", true],
  ["file", "text/html", false],
] as const)("typeFits %s %s: %s", (kind, type, fits) => {
  expect(typeFits(kind, type)).toBe(fits);
});
