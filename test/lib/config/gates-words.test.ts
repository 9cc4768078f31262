import { describe, expect, it } from "vitest";
import { gatesAsWritten, type WrittenGates } from "../../../src/lib/config/gates-words.ts";
import { pushedGates as gates } from "../../../src/lib/config/gates-schema.ts";

const written: readonly WrittenGates[] = [
  {},
  { smoke: false },
  { verified: "staging", soak: 3600, branch: "main", checks: ["test", "lint"], maturity: 60 },
  { scan: {} },
  { scan: { block: ["HIGH"], allow: [{ id: "CVE-1", until: "2026-12-31", reason: "never called" }], wait: 5 } },
  { window: { open: [{}] } },
  {
    window: {
      zone: "Europe/Berlin",
      open: [
        { days: ["mon", "fri"], from: "09:05", to: "16:00" },
        { from: "22:00", to: "24:00" },
      ],
    },
  },
  { window: { calendars: ["freezes", "arn:aws:ssm:eu-west-1:123456789012:document/team"] } },
  { approvals: {} },
  { signature: { by: "https://github.com/acme/app/.github/workflows/publish.yml@refs/heads/main" } },
  { signature: { by: "awskms:///alias/threads", log: false, required: true } },
  {
    verify: "staging",
    smoke_checks: [{ path: "/healthz", status: 200 }],
    verify_checks: [{ path: "tls (14 days)", status: 0 }],
  },
  { approvals: { count: 2, by: ["user/ada", "sso/bob@example.com"], not_author: false } },
];

describe("gates in the words of threads.yml", () => {
  it.each(written)("are the same gates once they are read again: %j", (words) => {
    const config = gates.parse(words);
    expect(gates.parse(gatesAsWritten(config))).toEqual(config);
    // What was written stands there as it was.
    expect(gatesAsWritten(config)).toMatchObject(words);
  });

  it("say what the schema has filled in, so that a later default changes nothing", () => {
    expect(gatesAsWritten(gates.parse({ scan: {}, approvals: {} }))).toEqual({
      smoke: true,
      soak: 0,
      scan: { block: ["CRITICAL"], allow: [], wait: 300 },
      approvals: { count: 1, not_author: true },
    });
  });
});
