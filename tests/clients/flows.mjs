// node flows.mjs PACKAGE URL: what the clients of this package see on each way to the server, printed as JSON.
const { io } = await import(process.argv[2]);
const url = process.argv[3];
const ways = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

const heard = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
const acked = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));

async function flow(options) {
  const socket = io(`${url}/chat`, { ...options, forceNew: true, reconnection: false });
  await heard(socket, 'connect');
  const engine = socket.io.engine;
  if (options.transports.length > 1 && engine.transport.name === 'polling') {
    await heard(engine, 'upgrade');
  }
  const seen = { transport: engine.transport.name, sessionIsNotSocket: engine.id !== socket.id };
  seen.echo = await acked(socket, 'echo', 1, 'two', { three: [null] });
  seen.binary = (await acked(socket, 'echo', Buffer.from([1, 2, 3])))[0].toString('hex');
  seen.coffee = await acked(socket, 'café "☕"');
  const back = heard(socket, 'message-back');
  socket.emit('message', 'x'.repeat(5000));
  seen.length = (await back)[0].length;
  const gone = heard(socket, 'disconnect');
  socket.emit('leave', true);
  seen.reason = (await gone)[0];
  socket.close();
  return seen;
}

const seen = {};
for (const [name, options] of Object.entries(ways)) {
  seen[name] = await flow(options);
}
console.log(JSON.stringify(seen));
process.exit();
