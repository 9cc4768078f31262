// Loaded before a program, by --import: writes the most memory that its process has had, in kilobytes, where PEAK_FILE says.
import { writeFileSync } from "node:fs";

process.on("exit", () =>
  writeFileSync(process.env["PEAK_FILE"] ?? "/dev/null", String(process.resourceUsage().maxRSS)),
);
