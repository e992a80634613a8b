import type { Exchange } from './exchange.js';
import { decodeFields } from './request.js';

/** The model of a request; older clients call it `name`. */
export async function modelName(exchange: Exchange, struct: string): Promise<string> {
  const fields = decodeFields((await exchange.body()).toString('utf8'), struct);
  exchange.log.body = fields;
  const name = fields.model ?? fields.name;
  return typeof name === 'string' ? name : '';
}
