import { expect, test } from "vitest";
import { publishLine } from "../../../../src/lib/actions/publish/publish-line.ts";

test.each([
  [{ sign: undefined, adopt: false }, "threads publish"],
  [{ sign: undefined, adopt: true }, "threads publish --adopt"],
  [{ sign: { key: undefined }, adopt: true }, "threads publish --sign --adopt"],
  [{ sign: { key: "env://KEY" }, adopt: false }, "threads publish --sign --key env://KEY"],
  [
    { sign: undefined, adopt: false, from: { folder: "/tmp/a b", digest: undefined } },
    "threads publish --from '/tmp/a b'",
  ],
  [
    { sign: { key: undefined }, adopt: true, from: { folder: "/tmp/r", digest: "sha256:ab" } },
    "threads publish --from /tmp/r --digest sha256:ab --sign --adopt",
  ],
  [{ sign: { key: "my keys/it's" }, adopt: false }, String.raw`threads publish --sign --key 'my keys/it'\''s'`],
])("a command is told with all that it was asked %#", (asked, line) => {
  expect(publishLine(asked)).toBe(line);
});
