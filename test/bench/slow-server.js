// Answers three of a hundred requests in 100 ms and the others in 20, whoever asks: p50 and p99 are known. Prints its port.
import { createServer } from "node:http";

let count = 0;
const server = createServer((_, response) => {
  count += 1;
  setTimeout(() => response.end("ok"), count % 100 < 3 ? 100 : 20);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
