// node connect.mjs '{"url","auth","event","payload"}': connects, emits the event, and prints what came of it as JSON.
import { createRequire } from 'node:module';

const { io } = createRequire(new URL('../parity/package.json', import.meta.url))('socket.io-client');
const { url, auth, event, payload } = JSON.parse(process.argv[2]);
const socket = io(url, { auth, reconnection: false, forceNew: true });

function finish(seen) {
  console.log(JSON.stringify(seen));
  socket.close();
}
socket.on('connect_error', (error) => finish({ refused: error.message }));
socket.on('connect', async () => {
  const args = payload === null ? [] : [payload];
  try {
    finish({ ack: await socket.timeout(10_000).emitWithAck(event, ...args) });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    socket.close();
  }
});
