import { expect, test } from "vitest";
import { servicesDiffer } from "../../../src/lib/stack/faults.ts";

test.each([
  ["/srv/shop/deploy/threads.yml", "git -C /srv/shop/deploy show aaaaaaaaaaaa:./threads.yml"],
  ["/srv/my shop/prod.yml", "git -C '/srv/my shop' show aaaaaaaaaaaa:./prod.yml"],
])("the threads.yml of a release's own commit is shown wherever it lies, and whoever asks stands: %s", (file, line) => {
  expect(servicesDiffer("web", "a".repeat(40), file).next).toEqual([line]);
});
