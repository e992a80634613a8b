import type { Settings } from '../../config/schema.js';
import { isEnvironmental } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit.js';
import type { VisionRecord } from '../core/record.js';
import type { StoreReader } from '../results/store-reader.js';
import type { Io } from './io.js';
import { openReader } from './reading.js';
import { withResources } from './resources.js';
import { visible } from './visible.js';

/** Lists the items that are not ok: id, status, code, sentence. With --json one object a line. */
export function showFailures(run: string, settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const reader = await openReader(run, settings, io);
    resources.defer(() => reader.close());
    let shown = 0;
    for (const record of failuresOf(reader)) {
      shown += 1;
      const text = `${settings.json ? visible(asJson(record)) : asText(record)}\n`;
      if (!io.stdout.write(text)) await new Promise((resolve) => io.stdout.once('drain', resolve));
    }
    if (!settings.json) io.stderr.write(shown === 0 ? 'Nothing failed.\n' : `${shown} not ok\n`);
    return EXIT.ok;
  });
}

function* failuresOf(reader: StoreReader): Generator<VisionRecord> {
  for (const line of reader.lines()) {
    if (line === null) continue;
    const record = JSON.parse(Buffer.from(line).toString()) as VisionRecord;
    if (record.error !== null) yield record;
  }
}

function asText({ id, status, error }: VisionRecord): string {
  const fields = [id, status, error?.code ?? '', error?.message ?? ''];
  return fields.map((field) => visible(field).replaceAll(/[\n\t]/g, ' ')).join('\t');
}

function asJson({ id, status, error, attempts, host }: VisionRecord): string {
  const again = error !== null && isEnvironmental(error.code);
  return JSON.stringify({
    schema_version: 1,
    id,
    status,
    code: error?.code,
    message: error?.message,
    attempts,
    host,
    asked_again: again,
  });
}
