import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, type Pair, parseDocument } from 'yaml';
import { closest } from './closest.js';
import { didYouMean, type Layer, type RawValue, ROWS } from './layer.js';
import type { SettingKey } from './schema.js';
import { yamlKey } from './setting.js';

/** A configuration file as read: settings, and members that are none. */
export interface YamlFile extends Layer {
  /** Members that the caller allowed beside the settings, by name. */
  readonly others: ReadonlyMap<string, RawValue>;
}

export interface YamlFileOptions {
  /** The file's name as problems shall show it. */
  readonly name: string;
  readonly text: string;
  /** The folder it lies in. */
  readonly folder: string;
  /** Names that are allowed beside the settings. */
  readonly others: readonly string[];
}

/** Reads settings out of YAML 1.2. What is not known, or written twice, is a problem with its line and column. */
export function parseYamlFile({ name, text, folder, others }: YamlFileOptions): YamlFile {
  const { at, document, problems } = parseText({ name, text });
  const reader = new Reader({ document, at, folder, others });
  if (problems.length > 0) return { ...reader, problems };
  reader.read();
  return reader;
}

/** A YAML file that is one value, with places for its problems. */
export function parseYamlRaw({
  name,
  text,
  folder,
}: Omit<YamlFileOptions, 'others'>): RawValue | { readonly problems: readonly string[] } {
  const { at, document, problems } = parseText({ name, text });
  if (problems.length > 0) return { problems };
  return {
    raw: document.toJS(),
    origin: { kind: 'file', where: name },
    folder,
    locate: (path) => {
      const element = path.length === 0 ? undefined : document.getIn(path, true);
      return `${at(startOf(isNode(element) ? element : document.contents))} host${stepsOf(path)}:`;
    },
  };
}

/** A YAML file of any content: its value, or what is wrong with it by line and column. */
export type YamlValue = { readonly value: unknown } | { readonly problems: readonly string[] };

/** Reads any YAML 1.2, and so any JSON. */
export function parseYamlValue({ name, text }: Pick<YamlFileOptions, 'name' | 'text'>): YamlValue {
  const { document, problems } = parseText({ name, text });
  if (problems.length > 0) return { problems };
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { problems: [`${name} ${error instanceof Error ? error.message : error}`] }; // aliases that explode
  }
}

/** A document, and what is wrong with it as YAML. */
interface ParsedText {
  readonly document: Document.Parsed;
  /** `FILE:LINE:COLUMN` of an offset. */
  at(offset: number): string;
  readonly problems: readonly string[];
}

function parseText({ name, text }: Pick<YamlFileOptions, 'name' | 'text'>): ParsedText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false }); // pretty ones quote the file
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  return { document, at, problems: document.errors.map(({ pos, message }) => `${at(pos[0])} ${message}`) };
}

interface ReaderOptions {
  readonly document: Document.Parsed;
  /** `FILE:LINE:COLUMN` of an offset. */
  at(offset: number): string;
  readonly folder: string;
  readonly others: readonly string[];
}

class Reader implements YamlFile {
  readonly values = new Map<SettingKey, RawValue>();
  readonly others = new Map<string, RawValue>();
  readonly problems: string[] = [];
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(): void {
    const { document, at } = this.#options;
    if (isMap(document.contents)) for (const pair of document.contents.items) this.#member(pair);
    else if (document.contents !== null && !isEmpty(document.contents)) {
      this.problems.push(`${at(document.contents.range[0])} Expected settings, one \`name: value\` a line`);
    }
  }

  #member(pair: Pair): void {
    const { at, others } = this.#options;
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const value = this.#rawValue(name, pair);
    const key = ROWS.find(({ row }) => yamlKey(row) === name || row.alias === name)?.key;
    if (key === undefined && !others.includes(name)) {
      const near = closest(name, [...ROWS.map(({ row }) => yamlKey(row)), ...others]);
      this.problems.push(`${at(startOf(pair.key))} ${name}: no such setting${didYouMean(near)}`);
    } else if (key !== undefined && this.values.has(key)) {
      this.problems.push(`${at(startOf(pair.key))} ${name}: Expected a setting once, got it under two names`);
    } else if (value.raw !== null) {
      if (key === undefined) this.others.set(name, value);
      else this.values.set(key, value);
    }
  }

  #rawValue(name: string, pair: Pair): RawValue {
    const { document, at, folder } = this.#options;
    const start = isNode(pair.value) ? startOf(pair.value) : startOf(pair.key);
    return {
      raw: isNode(pair.value) ? pair.value.toJS(document) : null,
      origin: { kind: 'file', where: at(start) },
      folder,
      locate: (path) => {
        const element = path.length === 0 || isAlias(pair.value) ? undefined : document.getIn([name, ...path], true);
        return `${at(isNode(element) ? startOf(element) : start)} ${name}${stepsOf(path)}:`;
      },
    };
  }
}

function stepsOf(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}
