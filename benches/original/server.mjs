// The original, as npm has it. `ioserver-oidc` is not there: a preValidation hook on jose, and a
// socket middleware of the same check, do what it does.
//   node server.mjs --port N

import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { IOServer, BaseController, BaseService } = createRequire(import.meta.url)("ioserver");

const [flag, port] = process.argv.slice(2);
if (flag !== "--port" || !port) throw new Error("start it as `node server.mjs --port N`");

const url = process.env.AUTH_SERVICE_URL;
const keys = url && createRemoteJWKSet(new URL(`${url}/api/auth/jwks`));

async function userOf(token) {
  const expected = { issuer: url, audience: process.env.AUTH_SERVICE_APP_SLUG };
  const { payload } = await jwtVerify(token, keys, expected);
  return payload.sub;
}

class Api extends BaseController {
  hello(request, reply) {
    reply.send({ hello: "world" });
  }
}

class Secure extends BaseController {
  async authenticate(request, reply) {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    try {
      if (scheme !== "Bearer") throw new Error("no token");
      request.userId = await userOf(token);
    } catch {
      return reply.code(401).send({ statusCode: 401, error: "Unauthorized" });
    }
  }

  me(request, reply) {
    reply.send({ userId: request.userId });
  }
}

class Talk extends BaseService {
  echo(socket, data, callback) {
    callback?.(data);
  }

  say(socket, data) {
    socket.emit("say", data);
  }

  broadcast(socket, data) {
    socket.nsp.emit("broadcast", data);
  }
}

class Chat extends Talk {}

class TokenMiddleware {
  handle() {
    return async (socket, next) => {
      try {
        socket.userId = await userOf(socket.handshake.auth.token);
        next();
      } catch {
        next(new Error("ERR_AUTH_TOKEN_INVALID"));
      }
    };
  }
}

const server = new IOServer({
  host: "127.0.0.1",
  port: Number(port),
  routes: path.join(path.dirname(fileURLToPath(import.meta.url)), "routes"),
});
server.addController({ name: "api", controller: Api });
server.addController({ name: "secure", controller: Secure });
server.addService({ service: Talk });
server.addService({ name: "chat", service: Chat, middlewares: [TokenMiddleware] });
await server.start();
console.log(`listening on 127.0.0.1:${port}`);
