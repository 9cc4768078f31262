import { expect, test } from "vitest";
import { redactedWords, redactor } from "../../../src/lib/runs/redact.ts";

const redact = redactor({
  AWS_SECRET_ACCESS_KEY: "abcdefgh12345",
  DB_PASSWORD: "short",
  PGPASSWORD: "in-postgres",
  SECRETKEY: "all-in-one-word",
  SMTP_PASSWORD: "h.nt3r",
  TOKEN_CHECK: "true",
  PWD: "/home/ada/application",
  GITHUB_TOKEN: "abcdefgh",
  HOME: "/home/ada",
});

test.each([
  ["the value is abcdefgh12345.", "the value is [redacted]."],
  ["the token is abcdefgh", "the token is [redacted]"],
  ["/home/ada and a short word", "/home/ada and a short word"],
  ["postgres://app:hunter2@db/app", "postgres://app:[redacted]@db/app"],
  ["redis://:hunter2@db", "redis://:[redacted]@db"],
  ["https://example.com/a@b", "https://example.com/a@b"],
  ["?password=hunter2&page=3", "?password=[redacted]&page=3"],
  ["token expired", "token expired"],
  ["by in-postgres and all-in-one-word", "by [redacted] and [redacted]"],
  [
    "short, but no word: h.nt3r, unlike hunt3r and h.nt3rs",
    "short, but no word: [redacted], unlike hunt3r and h.nt3rs",
  ],
  ["it is true", "it is true"],
  ["/home/ada/application/threads.yml, PWD=/home/ada", "/home/ada/application/threads.yml, PWD=/home/ada"],
  ["postgres://app:a/b/c@db/app", "postgres://app:[redacted]@db/app"],
  ["http://localhost:5000/v2/web@sha256:12", "http://localhost:5000/v2/web@sha256:12"],
  [
    "docker run -e PGPASSWORD=a -e AWS_SECRET_ACCESS_KEY=b",
    "docker run -e PGPASSWORD=[redacted] -e AWS_SECRET_ACCESS_KEY=[redacted]",
  ],
  ["--author=ada --keyboard=us", "--author=ada --keyboard=us"],
])("%s", (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test("a flag that is called after a secret keeps its value for itself, beside it and behind it", () => {
  const argv = [
    "-e",
    "prod",
    "--api-token",
    "hunter2",
    "--db-password=hunter2",
    "--reason",
    "a key was lost",
    "--",
    "abcdefgh",
  ];
  const hidden = "[redacted]";
  expect(redactedWords(argv, redact)).toEqual([
    "-e",
    "prod",
    "--api-token",
    hidden,
    `--db-password=${hidden}`,
    "--reason",
    "a key was lost",
    "--",
    hidden,
  ]);
});
