import { type Shard, shardName } from '../src/core/shard.js';
import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

/** A part of the input: `2/8` is the second of eight. */
export const SHARD: Kind<Shard> = {
  placeholder: 'I/N',
  type: parsed((raw) => {
    const [, index, of] = (typeof raw === 'string' && /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(raw)) || [];
    const shard = { index: Number(index), of: Number(of) };
    return shard.index <= shard.of ? shard : refuse('a part of the whole from 1/N to N/N, such as 2/8', raw);
  }),
  show: shardName,
};
