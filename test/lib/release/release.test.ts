import { expect, test } from "vitest";
import { imageVariable } from "../../../src/lib/release/release.ts";

test("a compose file takes each image by the variable that is named after its service", () => {
  expect(["web", "celery-beat", "web.v2"].map(imageVariable)).toEqual([
    "WEB_IMAGE",
    "CELERY_BEAT_IMAGE",
    "WEB_V2_IMAGE",
  ]);
});
