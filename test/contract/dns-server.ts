import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';

export interface DnsServer extends AsyncDisposable {
  /** Looks names up at this server, as a machine that is set to it would. */
  readonly lookup: LookupFunction;
  /** How often each name was asked for. */
  readonly asked: ReadonlyMap<string, number>;
}

const TYPE_A = 1;
/** The place of the name in a question, as answers point to it (RFC 1035 §4.1.4). */
const NAME_OF_QUESTION = 0xc00c;

/**
 * A DNS server on loopback (RFC 1035) that answers each question for a name with its next list of IPv4 addresses, and
 * stays with the last: a name can change where it leads from one question to the next.
 */
export async function dnsServer(names: Readonly<Record<string, readonly (readonly string[])[]>>): Promise<DnsServer> {
  const asked = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port }) => {
    const name = nameIn(question);
    const before = asked.get(name) ?? 0;
    const isA = question.readUInt16BE(question.indexOf(0, 12) + 1) === TYPE_A;
    if (isA) asked.set(name, before + 1);
    const lists = names[name] ?? [];
    const addresses = isA ? (lists[Math.min(before, lists.length - 1)] ?? []) : [];
    socket.send(answerTo(question, addresses), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    asked,
    lookup: (hostname, options, callback) => {
      resolver.resolve4(hostname, (error, addresses) => {
        if (error !== null) return callback(error, []);
        const found = addresses.map((address) => ({ address, family: 4 }));
        if (options.all === true) return callback(null, found);
        callback(null, found[0]?.address ?? '', 4);
      });
    },
    async [Symbol.asyncDispose]() {
      resolver.cancel();
      socket.close();
      await once(socket, 'close');
    },
  };
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question[at] !== 0; ) {
    const length = question[at] ?? 0;
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join('.');
}

function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180, 2); // an answer, recursion available, no error
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const records = addresses.map((address) => {
    const record = Buffer.alloc(16);
    record.writeUInt16BE(NAME_OF_QUESTION, 0);
    record.writeUInt16BE(TYPE_A, 2);
    record.writeUInt16BE(1, 4); // the internet
    record.writeUInt32BE(0, 6); // never to be kept
    record.writeUInt16BE(4, 10);
    record.set(address.split('.').map(Number), 12);
    return record;
  });
  return Buffer.concat([head, ...records]);
}
