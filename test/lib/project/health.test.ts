import { describe, expect, it } from "vitest";
import { healthPath } from "../../../src/lib/project/health.ts";

const entry = { name: "web", healthcheck: "", context: "." };
const pathIn = (path: string, text: string, more: Partial<typeof entry> = {}): string =>
  healthPath({ ...entry, ...more }, [{ path, text }]).path;

describe("the path that tells of health", () => {
  it("is the one that the service's own health check asks for, before all others", () => {
    const sources = [{ path: "app.js", text: 'app.get("/healthz")' }];
    const healthcheck = "CMD curl -f http://localhost:3000/internal/alive";
    expect(healthPath({ ...entry, healthcheck }, sources)).toEqual({
      path: "/internal/alive",
      because: "the health check of web asks for it",
    });
  });

  it.each([
    ["Express", "server.js", 'app.get("/healthz", (q, r) => r.send("ok"))', "/healthz"],
    ["Fastify", "server.ts", "app.get('/health', async () => ({}))", "/health"],
    ["Flask", "app.py", '@app.route("/ping")', "/ping"],
    ["Django", "urls.py", 'path("readyz/", ready)', "/readyz/"],
    ["Rails", "config/routes.rb", 'get "up" => "rails/health#show", as: :rails_health_check', "/up"],
    ["Spring Boot", "pom.xml", "<artifactId>spring-boot-starter-actuator</artifactId>", "/actuator/health"],
    ["Go", "main.go", 'mux.HandleFunc("/livez", ok)', "/livez"],
  ])("is found in %s", (_, path, text, found) => {
    expect(pathIn(path, text)).toBe(found);
  });

  it("says the line", () => {
    expect(healthPath(entry, [{ path: "app.js", text: '\n\nget("/healthz")' }]).because).toBe("app.js:3 names it");
  });

  it("is not taken from a library that is pressed into one line", () => {
    expect(pathIn("socket.io.js", `${"a,".repeat(300)}"ping"`)).toBe("/");
  });

  it.each(['"/healthy-food"', '"health insurance"', "health", '"/api"'])("is not taken from %s", (text) => {
    expect(pathIn("app.js", text)).toBe("/");
  });

  it("of another service counts only behind a proxy that hands everything on", () => {
    const api = { path: "api/server.js", text: 'get("/healthz")' };
    const front = { ...entry, context: "./web" };
    const conf = (text: string) => ({ path: "web/nginx.conf", text });
    expect(healthPath(front, [api]).path).toBe("/");
    expect(healthPath(front, [api, conf("location /api/ { proxy_pass http://api; }")]).path).toBe("/");
    expect(healthPath(front, [api, conf("location / { proxy_pass http://api:3000; }")]).path).toBe("/healthz");
  });
});
