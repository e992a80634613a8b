/** What is wrong with a Redis, and what to do about it. */
export interface Complaint {
  readonly reason: string;
  readonly fix: string;
}

/** First words of what is answered while a server cannot work, or does not let us, for now. */
const REFUSALS = 'LOADING|MASTERDOWN|READONLY|MISCONF|OOM|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM';

const REFUSED = new RegExp(`^(${REFUSALS})\\b`);

/** The same where a script met it: Redis 6.2 names the script first, and rights are spoken of in other words. */
const REFUSED_IN_SCRIPT = new RegExp(
  `^ERR (Error running script.*-(${REFUSALS})\\b|ACL failure in script|.*The user executing the script)`,
  's',
);

/** What a lost connection makes of commands under way. */
const LOST =
  /Command aborted|Connection is closed|Socket timeout|ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

/** Whether a command that failed with these words may succeed when it is tried again. */
export function isOutage(message: string): boolean {
  return REFUSED.test(message) || REFUSED_IN_SCRIPT.test(message) || LOST.test(message);
}

/** What a server means that does not let us in, or not do what we want; null where it says something else. */
export function denialOf(message: string): Complaint | null {
  if (/NOAUTH|WRONGPASS|invalid password|without any password/i.test(message)) {
    return {
      reason: 'it wants another password',
      fix: 'Put user and password into the URL: redis://user:password@host.',
    };
  }
  if (/NOPERM|ACL failure in script|The user executing the script/.test(message)) {
    return { reason: 'this user may not do what a queue needs', fix: 'Give the user +@all on the keys of the prefix.' };
  }
  return null;
}
