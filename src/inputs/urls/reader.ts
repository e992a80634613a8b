import type { SourceBytes } from '../../core/item.js';

/** Bytes of a source: where they begin and how many they are. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What of a URL is read, and until when. */
export interface FetchHow {
  /** Ends the fetch; its reason is passed on. */
  readonly signal?: AbortSignal | undefined;
  /** @defaultValue the whole */
  readonly range?: ByteRange | undefined;
}

/** The version of a source that was read before. */
export interface KnownVersion {
  /** As the server sent it, or null. */
  readonly etag: string | null;
  /** What it said of the time, whole milliseconds since 1970; 0 where it said nothing. */
  readonly mtimeMs: number;
}

/** Reads what lies at addresses. */
export interface UrlReader {
  /**
   * The bytes behind a URL, whatever `Content-Type` says; `mtimeMs` is the time in `Last-Modified`, 0 where the server
   * sends none. Credentials in the URL are sent to its own host only, and appear in no message.
   *
   * A 429 or 5xx with a short `Retry-After` is asked again, twice at most. Of a range exactly that is read, or nothing; `size` is
   * that of the whole.
   *
   * @throws VisionError URL_FORBIDDEN for another scheme and for a host that is not public, by redirect too;
   * IMAGE_MISSING, IMAGE_FORBIDDEN, IMAGE_TOO_LARGE; IMAGE_UNREADABLE for no URL, an empty body, a web page; URL_FETCH
   * where the same may work later: SiteAtRest, which is one, where nothing was tried yet
   * @throws the signal's reason where it fires
   */
  read(url: string, how?: FetchHow): Promise<SourceBytes>;
  /**
   * What is behind a URL now, or null where the server says that it is the known version (RFC 9110 §13.1).
   *
   * @throws what {@link read} throws
   */
  readIfChanged(url: string, known: KnownVersion, signal?: AbortSignal): Promise<SourceBytes | null>;
  /** Closes every socket; open reads fail. */
  close(): Promise<void>;
}
