// Verifications per second of processor time by jose, as the original verifies.
//   echo '{"issuer":…,"audience":…,"token":…,"seconds":1}' | node verify.mjs

import { text } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { issuer, audience, token, seconds } = JSON.parse(await text(process.stdin));
const keys = createRemoteJWKSet(new URL(`${issuer}/api/auth/jwks`));

async function run(seconds) {
  const end = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 100; i++) await jwtVerify(token, keys, { issuer, audience });
    count += 100;
  }
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}

await run(Math.min(1, seconds)); // until it is compiled
console.log(await run(seconds));
