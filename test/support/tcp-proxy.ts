import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A cable between a client and a server, which can be cut. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Resets every connection, and every new one until {@link mend}. */
  cut(): void;
  /** Passes not one byte on, either way; connections stay open, and new ones are taken. */
  hush(): void;
  /** Passes everything on again; what was held back comes late, as TCP would send it again. */
  mend(): void;
}

type State = 'whole' | 'cut' | 'hushed';

/** Starts a proxy on a free port of loopback before a server's port there. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: State = 'whole';
  const server = createServer({ noDelay: true }, (client) => {
    if (state === 'cut') return void client.resetAndDestroy();
    join(client, connect({ port: target, host: '127.0.0.1', noDelay: true }), pairs);
    if (state === 'hushed') silence(pairs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get open() {
      return pairs.size;
    },
    cut: () => {
      state = 'cut';
      reset(pairs);
    },
    hush: () => {
      state = 'hushed';
      silence(pairs);
    },
    mend: () => {
      if (state === 'hushed') for (const [client, upstream] of pairs) client.pipe(upstream).pipe(client);
      state = 'whole';
    },
    [Symbol.asyncDispose]: () => closed(server, pairs),
  };
}

/** What one side sends goes to the other, and so does its end. */
function join(client: Socket, upstream: Socket, pairs: Set<readonly [Socket, Socket]>): void {
  const pair = [client, upstream] as const;
  pairs.add(pair);
  client.pipe(upstream).pipe(client);
  for (const socket of pair) {
    socket.on('error', () => {}); // a peer that went away; `close` follows
    socket.once('close', () => {
      pairs.delete(pair);
      for (const side of pair) if (!side.destroyed) side.resetAndDestroy();
    });
  }
}

function silence(pairs: ReadonlySet<readonly [Socket, Socket]>): void {
  for (const [client, upstream] of pairs) {
    client.unpipe(upstream).pause();
    upstream.unpipe(client).pause();
  }
}

function reset(pairs: ReadonlySet<readonly [Socket, Socket]>): void {
  for (const side of [...pairs].flat()) side.resetAndDestroy();
}

async function closed(server: Server, pairs: ReadonlySet<readonly [Socket, Socket]>): Promise<void> {
  const end = once(server, 'close');
  server.close();
  reset(pairs);
  await end;
}
