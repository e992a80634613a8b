/** How long, such as `90s`, `10m` or `1h30m`. */
export type Duration = string;

/**
 * What is asked, and how. Every option has the name, the values and the default of its key in a configuration file; what
 * is left out keeps the default. Configuration files are not read, and of the environment only what a value names
 * (`env:NAME`).
 */
export interface AskOptions {
  /** The model, such as `gemma3`. @defaultValue the only vision model on the hosts */
  readonly model?: string;
  /** What is asked, in place of the task's own words; of `ask`, the one question. */
  readonly prompt?: string;
  /** `ask`: what to ask. Several are one conversation, each asked after the answer to the one before: `answers`. */
  readonly question?: string | readonly string[];
  /** The system message. @defaultValue none */
  readonly system?: string;
  /** `ocr`: the text as it stands, with headings and tables as Markdown, or line by line. @defaultValue `text` */
  readonly format?: 'text' | 'markdown' | 'lines';
  /** `caption`: one sentence, a paragraph, or the alt text of a web page. @defaultValue `short` */
  readonly style?: 'short' | 'detailed' | 'alt';
  /** `classify`: two labels or more to choose from. There is no "other" unless you list it. */
  readonly labels?: readonly string[];
  /** `classify`: every label that fits, or none, instead of the one that fits best. @defaultValue false */
  readonly multi?: boolean;
  /** `compare`: lays the images on one canvas, for a model that takes one only. @defaultValue false */
  readonly stitch?: boolean;
  /** Languages of the text, as Tesseract names them: `deu+fra`. @defaultValue `eng`, of which no model is told */
  readonly lang?: string;
  /** How freely the model chooses its words, 0 to 2. @defaultValue 0 */
  readonly temperature?: number;
  /** Tokens that an answer may have. @defaultValue by task, from 256 (classify) to 4096 (ocr) */
  readonly maxTokens?: number;
  /** Makes a temperature above 0 repeatable. @defaultValue the server's */
  readonly seed?: number;
  /** Sampling options by the server's own names, such as `{ top_k: 20 }`. */
  readonly option?: Readonly<Record<string, string | number | boolean>>;
  /** Upright, on white, in a size the model reads; or the file's bytes as they are. @defaultValue `auto` */
  readonly pixels?: 'auto' | 'as-is';
  /** Longest side of an image as it is sent, in pixels. @defaultValue what suits the model, else 2000 */
  readonly maxSide?: number;
  /** Width times height of an image as it is sent. @defaultValue 3,000,000 */
  readonly maxPixels?: number;
  /** Dots per inch at which pages of PDFs are drawn, unless that is more than is sent. @defaultValue 200 */
  readonly dpi?: number;
  /** `ocr`: `prefer` answers a PDF page that holds its text by that text. @defaultValue `ignore` */
  readonly pdfText?: 'ignore' | 'prefer';
  /** `ocr`: a page without ink is `blank`, and no model is asked. @defaultValue true */
  readonly blankCheck?: boolean;
  /** `ocr`: `auto` also turns pages whose writing lies on its side or head. @defaultValue `exif` */
  readonly rotate?: 'exif' | 'auto';
  /** `ocr`: straightens pages that were scanned askew. @defaultValue false */
  readonly deskew?: boolean;
  /** File of passwords for encrypted PDFs, one a line. @defaultValue none */
  readonly passwordFile?: string;
  /** Megabytes that decoding one image may take. @defaultValue 1024 */
  readonly maxDecodeMb?: number;
  /** Whether the record says how sure the model was of its words. @defaultValue false */
  readonly confidence?: boolean;
  /** YAML file that says of models what the built-in profiles do not know. */
  readonly profiles?: string;
  /** Lets a model answer that runs in a cloud, so that images leave the hosts. @defaultValue false */
  readonly allowRemote?: boolean;
  /** Whether images may be fetched from this machine and from private networks. @defaultValue false */
  readonly allowPrivateUrls?: boolean;
  /** Requests for images that one site, a host with its port, is sent at once. @defaultValue 4 */
  readonly siteConcurrency?: number;
  /** From one request to the next to the same site. @defaultValue none */
  readonly siteDelay?: Duration;
  /** Tries before a record says why it failed. @defaultValue 4 */
  readonly attempts?: number;
  /** Context that the model is loaded with, in tokens. @defaultValue what question, images and answer need */
  readonly numCtx?: number;
  /** To reach a host. @defaultValue `5s` */
  readonly connectTimeout?: Duration;
  /** To load the model. @defaultValue `15m` */
  readonly loadTimeout?: Duration;
  /** From a request to its first token. @defaultValue `10m` */
  readonly firstTokenTimeout?: Duration;
  /** Between two tokens. @defaultValue `1m` */
  readonly silenceTimeout?: Duration;
  /** For an item, all tries together. @defaultValue `20m` */
  readonly itemTimeout?: Duration;
}

/** Where a secret is: a variable of the environment, or a file. */
export type SecretSource = `env:${string}` | `file:${string}`;

/** An Ollama server in full. */
export interface HostEntry {
  readonly url: string;
  /** Requests that it works on at once. @defaultValue `auto` */
  readonly slots?: number | 'auto';
  /** Requests sent beyond the slots. @defaultValue 1 */
  readonly ahead?: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, SecretSource>>;
  /** Sent as `Authorization: Bearer`. */
  readonly key?: SecretSource;
  /** File of certificates (PEM) that it may be signed by, beside the usual ones. */
  readonly ca?: string;
  /** Hours in which it is left alone, such as `07:00-20:00`, by the local clock. */
  readonly sleep?: string | readonly string[];
}

/** Where the items of a run come from, who answers, where rows go, and what a further start does. */
export interface RunOptions extends AskOptions {
  /** Ollama servers, as `URL[,slots=N][,ahead=N]` or in full; or `cpu`, the built-in OCR. @defaultValue `http://127.0.0.1:11434` */
  readonly host?: string | HostEntry | readonly (string | HostEntry)[];
  /** File of further hosts, a list in YAML or JSON. @defaultValue none */
  readonly hostsFile?: string;
  /** Key for hosts that have no way in of their own (`Authorization: Bearer`). @defaultValue none */
  readonly hostKey?: SecretSource;
  /** Headers that hosts ask for. @defaultValue none */
  readonly hostHeader?: Readonly<Record<string, SecretSource>>;
  /** File of certificates (PEM) that https hosts may be signed by, beside the usual ones. */
  readonly hostCa?: string;
  /** Shares the run with workers on other machines through this Redis: `redis://HOST:6379`. @defaultValue none */
  readonly redis?: string;
  /** File of certificates (PEM) that a `rediss://` server may be signed by, beside the usual ones. */
  readonly redisCa?: string;
  /** Begins the name of every key in Redis. @defaultValue `{visionbatch}` */
  readonly redisPrefix?: string;
  /** What this machine is called among those on the Redis. @defaultValue the machine's host name */
  readonly machine?: string;
  /** On hosts that other runs use too: the highest is served first, then the oldest. -100 to 100. @defaultValue 0 */
  readonly priority?: number;
  /** Most jobs in the queue at once. @defaultValue 2000, or 20 for every slot if that is more */
  readonly window?: number;
  /** `.jsonl` or `.csv` files for the rows, written when the run ends. @defaultValue none */
  readonly output?: string | readonly string[];
  /** The run's name. @defaultValue the first output's file name */
  readonly name?: string;
  /** Folder that keeps the run's state. @defaultValue beside the first output; without one, a temporary folder */
  readonly state?: string;
  /** Patterns: takes only the files in folders that match. */
  readonly include?: string | readonly string[];
  /** Patterns: leaves out what matches. */
  readonly exclude?: string | readonly string[];
  /** Pages of PDFs and TIFFs to take, such as `1-3,7`, or `7-` to the last. @defaultValue all */
  readonly pages?: string | number;
  /** Of an animated GIF, WebP or PNG the first frame, or every one as a page. @defaultValue `first` */
  readonly frames?: 'first' | 'all';
  /** Asks files of the same bytes once; every one gets its record, marked. @defaultValue false */
  readonly dedupe?: boolean;
  /** Asks only so many items. */
  readonly limit?: number;
  /** Only a part of the inputs: `2/8` is the second of eight. @defaultValue all */
  readonly shard?: `${number}/${number}`;
  /** Further folders that files may be read from, as `NAME=PATH`. */
  readonly root?: string | readonly string[];
  /** `compare`: which images belong together. */
  readonly groupBy?: 'inputs' | 'folder' | 'stem' | 'manifest';
  /** Columns of a manifest whose values make a row's id. @defaultValue `id`, else the image */
  readonly idColumn?: string | readonly string[];
  /** Columns of a manifest that hold images. @defaultValue the one called image, path, file, url or the like */
  readonly imageColumn?: string | readonly string[];
  /** Rows of a manifest with one id: an error, numbered, or in `compare` one item. @defaultValue `error`, in `compare` `group` */
  readonly onRepeat?: 'error' | 'number' | 'group';
  /** Column of a manifest that holds each row's prompt. */
  readonly promptColumn?: string;
  /** `ask`: columns of a manifest that hold each row's questions. */
  readonly questionColumn?: string | readonly string[];
  /** `classify`: column of a manifest that lists each row's labels, in place of `labels`. */
  readonly labelsColumn?: string;
  /** Between the cells of a `.csv`: one character, or `tab`. @defaultValue found in its header */
  readonly delimiter?: string;
  /** Around the cells of a `.csv`. @defaultValue found in its first lines */
  readonly quote?: '"' | "'" | 'none';
  /** How the characters of a manifest are written. @defaultValue found in the file */
  readonly encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  /** Folder that a manifest's paths are relative to. @defaultValue the manifest's own */
  readonly base?: string;
  /** `ocr`: reads pages, or `cpu=10%` of them, again with the built-in OCR, which cannot invent. */
  readonly verify?: 'cpu' | `cpu=${number}%`;
  /** Pulls the model on every host that lacks it. @defaultValue false */
  readonly pull?: boolean;
  /** Items after which a host's model is loaded anew. @defaultValue never */
  readonly recycleAfter?: number;
  /** Lets hosts serve that have another version of the model; `model_digest` says which. @defaultValue false */
  readonly allowMixed?: boolean;
  /** Replaces an output file that this run did not write. @defaultValue false */
  readonly overwrite?: boolean;
  /** Columns of a CSV: those for people, or everything. @defaultValue `default` */
  readonly columns?: 'default' | 'all';
  /** A CSV gets one line for every element of this list. */
  readonly explode?: string;
  /** Begins a CSV with a byte order mark, for Excel. @defaultValue false */
  readonly bom?: boolean;
  /** A CSV is UTF-8 with commas, or written as the one `.csv` or `.tsv` that is the input. @defaultValue `default` */
  readonly csvDialect?: 'default' | 'table';
  /** How often unfinished outputs are brought up to date. @defaultValue `10m` */
  readonly exportEvery?: Duration;
  /** After a stop, for the items in hand to end. @defaultValue `30s` */
  readonly drainTimeout?: Duration;
  /** Without any host that answers, before the run fails. @defaultValue `30m` */
  readonly hostsDownTimeout?: Duration;
  /** Asks failed items again: `all`, or those with these codes. @defaultValue only what the environment broke */
  readonly retryFailed?: string | readonly string[];
  /** Where the question is not what the run began with. @defaultValue `stop`, which is an error */
  readonly onChange?: 'stop' | 'keep' | 'redo';
  /** Asks sites whether the images of finished rows have changed, and the model about those that have. @defaultValue false */
  readonly recheckUrls?: boolean;
  /** Asks every item again; a row stays until its new one is there. @defaultValue false */
  readonly redo?: boolean;
  /** Forgets what the run did before. @defaultValue false */
  readonly fresh?: boolean;
  /** Goes on although many inputs are gone since last time. @defaultValue false */
  readonly allowShrink?: boolean;
  /** Stops after this time. */
  readonly for?: Duration;
  /** Stops at this time of day, such as `07:00`. */
  readonly until?: string;
  /** The summary's exit code is 1 where more than this share of the rows is not ok. @defaultValue `any` */
  readonly failOn?: 'any' | 'never' | `${number}%`;
}
