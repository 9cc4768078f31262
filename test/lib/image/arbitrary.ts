import * as fc from "fast-check";
import { type Digest, digestOf } from "../../../src/lib/image/digest.ts";

const part = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,6})?$/);

export const repositories = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"))
  .filter((name) => name.length >= 2);
export const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
export const digests: fc.Arbitrary<Digest> = fc.string().map(digestOf);
export const hosts = fc.oneof(
  fc.constant("123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
  fc.constant("123456789012.dkr-ecr.eu-west-1.on.aws"),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `127.0.0.1:${String(port)}`),
);
