import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** How a host's connections end: reset as by a crash, or closed as by a process that was asked to stop. */
export type Death = 'reset' | 'close';

/**
 * A port whose machine can lose its power: then connections stay open and new ones are taken, but not one byte is
 * read or written.
 */
export class Listener {
  readonly #http;
  readonly #sockets = new Set<Socket>();
  /** Connections that came while the power was off; they are served when it is back. */
  readonly #waiting = new Set<Socket>();
  #net: Server | null = null;
  #port = 0;
  #powered = true;

  constructor(handle: RequestListener) {
    // No time limits of its own: Ollama never closes an idle connection.
    this.#http = createHttpServer(
      { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
      (request, response) => {
        if (this.#powered) handle(request, response);
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Opens the port: the given one, any free one (0), or the one it had before (null). */
  async open(port: number | null): Promise<void> {
    const net = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    net.listen(port ?? this.#port, '127.0.0.1');
    await once(net, 'listening');
    this.#port = (net.address() as AddressInfo).port;
    this.#net = net;
    this.#powered = true;
  }

  /** Closes the port and all connections. */
  async close(death: Death): Promise<void> {
    const net = this.#net;
    if (net === null) return;
    this.#net = null;
    net.close();
    for (const socket of this.#sockets) {
      if (death === 'reset') socket.resetAndDestroy();
      else socket.destroySoon();
    }
    await once(net, 'close');
  }

  powerOff(): void {
    this.#powered = false;
    for (const socket of this.#sockets) socket.pause();
  }

  /** The machine starts again: it knows nothing of its old connections, and serves those that waited. */
  powerOn(): void {
    this.#powered = true;
    for (const socket of this.#sockets) if (!this.#waiting.has(socket)) socket.resetAndDestroy();
    for (const socket of this.#waiting) this.#http.emit('connection', socket);
    this.#waiting.clear();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#waiting.delete(socket);
    });
    socket.on('error', () => undefined); // a peer that went away is no error of ours
    if (this.#powered) this.#http.emit('connection', socket);
    else this.#waiting.add(socket);
  }
}
