import { byName, GRANT_TTL_MS, type SlotClaim, type SlotGrant, TURN_MS } from './fleet.js';

/** A holder in a host's table. */
export interface SlotEntry {
  readonly holder: string;
  readonly runId: string;
  readonly startedMs: number;
  readonly priority: number;
  /** Empty where the engine has none. */
  readonly model: string;
  readonly slots: number;
  readonly using: number;
  readonly wants: number;
  /** What it was last answered. */
  readonly allowed: number;
  /** Open requests that it may have at most, as it may not know the last answer yet: no one else gets these slots. */
  readonly held: number;
  /** Since when it has slots, or waits for one. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Until then the table is taken to be incomplete; 0 for never. */
  readonly healingMs: number;
  /** Since when it has or awaits a request that is to be alone; 0 where there is none. */
  readonly aloneSinceMs: number;
}

/** What a claim is judged by, besides the table. */
export interface ClaimMoment {
  readonly nowMs: number;
  /** What the holder acts on until it has the answer; null where that has lapsed, or was never given. */
  readonly had: number | null;
}

/** What a holder's share depends on. */
interface ShareContext {
  /** Who has to be alone. */
  readonly single: SlotEntry | undefined;
  readonly entries: readonly SlotEntry[];
  readonly slots: number;
  readonly nowMs: number;
}

/**
 * Grants slots of one host. The same rules in Lua: `bullmq-slots-script.ts`.
 *
 * - All grants together never exceed the slots, of which the least is believed that a live holder reports.
 * - One model at a time: holders of others wait until those of the model being served want nothing and use nothing, or
 *   until a run of strictly higher priority drains them. The next model is that of the highest priority, then of the
 *   oldest run.
 * - Holders of the model get even shares, one of higher priority first what it wants; where there are fewer slots than
 *   holders, they take turns.
 * - A holder that has to be alone gets one slot when nobody else may have a request open; until it is done, other holders of
 *   its model get none. First come, first served.
 * - Where a holder had a grant that the table does not know, the table was lost: nobody gets more than it had until
 *   every grant from before has been reported, or has lapsed.
 */
export function grantSlots(
  table: readonly SlotEntry[],
  claim: SlotClaim,
  moment: ClaimMoment,
): { readonly table: readonly SlotEntry[]; readonly grant: SlotGrant } {
  const { nowMs } = moment;
  const live = table.filter((entry) => entry.untilMs > nowMs);
  const before = live.find((entry) => entry.holder === claim.holder);
  const others = live.filter((entry) => entry !== before);
  const own = entryOf(claim, before, moment);
  const entries = [...others, own];

  const slots = Math.min(...entries.map((entry) => entry.slots));
  const free = Math.max(0, slots - others.reduce((sum, entry) => sum + entry.held, 0));
  const healing = entries.some((entry) => entry.healingMs > nowMs);
  const { loaded, served, first } = servedModel(entries, own);
  const single = singleOf(entries, loaded);
  const due = served === own.model ? dueTo(own, { single, entries, slots, nowMs }) : 0;
  const allowed = Math.min(due, free, healing ? own.allowed : due);

  const held = Math.max(allowed, own.held);
  const alone = single === own && held > 0 && !healing && others.every((entry) => entry.held === 0);

  const changed = allowed > 0 !== (before?.allowed ?? 0) > 0 || (allowed === 0 && own.wants === 0);
  const entry = {
    ...own,
    allowed,
    held,
    sinceMs: changed ? nowMs : own.sinceMs,
  };
  const waits = allowed === 0 && own.wants > 0 && first !== undefined;
  return {
    table: [...others, entry],
    grant: { slots: allowed, shared: others.length > 0, alone, waitsFor: waits ? waitsForWords(first) : null },
  };
}

/** The words for {@link SlotGrant.waitsFor}. */
export function waitsForWords({ model, runId }: Pick<SlotEntry, 'model' | 'runId'>): string {
  return model === '' ? `run ${runId}` : `${model} of run ${runId}`;
}

function entryOf(claim: SlotClaim, before: SlotEntry | undefined, { had, nowMs }: ClaimMoment): SlotEntry {
  const { host: _, alone, model, ...claimed } = claim;
  const lost = before === undefined && had !== null;
  return {
    ...claimed,
    model: model ?? '',
    allowed: had ?? 0,
    held: Math.max(had ?? 0, claim.using),
    sinceMs: before?.sinceMs ?? nowMs,
    untilMs: nowMs + GRANT_TTL_MS,
    healingMs: lost ? nowMs + GRANT_TTL_MS : (before?.healingMs ?? 0),
    aloneSinceMs: alone ? before?.aloneSinceMs || nowMs : 0,
  };
}

/**
 * The model that the host has loaded; the one that it serves now, null while it is being drained of one; and who goes
 * before `own`, if its model is another.
 */
function servedModel(
  entries: readonly SlotEntry[],
  own: SlotEntry,
): { readonly loaded: string | null; readonly served: string | null; readonly first: SlotEntry | undefined } {
  const ranked = entries.toSorted(byRank);
  const next = ranked.find((entry) => entry.wants > 0);
  const allowed = ranked.filter((entry) => entry.allowed > 0);
  const busy = allowed.length > 0 ? allowed : ranked.filter((entry) => entry.held > 0);
  const model = busy[0]?.model ?? next?.model ?? null;
  const wanting = ranked.find((entry) => entry.wants > 0 && entry.model === model);
  const preempts = next !== undefined && next.priority > (wanting?.priority ?? Number.NEGATIVE_INFINITY);
  const queue = preempts || busy.length === 0 ? [...(next === undefined ? [] : [next]), ...busy] : busy;
  return {
    loaded: model,
    served: preempts && next.model !== model ? null : model,
    first: queue.find((entry) => entry.model !== own.model),
  };
}

/** The holder that has to be alone first of all. */
function singleOf(entries: readonly SlotEntry[], loaded: string | null): SlotEntry | undefined {
  const singles = entries.filter((entry) => entry.aloneSinceMs > 0 && entry.model === loaded);
  return singles.toSorted((a, b) => a.aloneSinceMs - b.aloneSinceMs || byRank(a, b))[0];
}

/** What is due to a holder of the model that is served. */
function dueTo(own: SlotEntry, { single, entries, slots, nowMs }: ShareContext): number {
  if (single !== undefined) return single === own ? 1 : 0;
  const rivals = entries.filter((entry) => entry.model === own.model && entry.wants > 0);
  const above = rivals.filter((entry) => entry.priority > own.priority);
  const left = slots - above.reduce((sum, entry) => sum + entry.wants, 0);
  const peers = rivals.filter((entry) => entry.priority === own.priority);
  const order = peers.length > left ? inTurns(peers, nowMs) : peers.toSorted(byRank);
  return evenShare(order, order.indexOf(own), left);
}

/** One slot each, again and again, until none is left or wanted. */
function evenShare(order: readonly SlotEntry[], own: number, slots: number): number {
  const shares = order.map(() => 0);
  let left = slots;
  for (let round = 0; left > 0 && order.some((entry) => entry.wants > round); round += 1) {
    for (const [at, entry] of order.entries()) {
      if (left <= 0 || entry.wants <= round) continue;
      shares[at] = round + 1;
      left -= 1;
    }
  }
  return shares[own] ?? 0;
}

/** Those whose turn is not over, then those that wait, then the others; each by how long they have waited. */
function inTurns(entries: readonly SlotEntry[], nowMs: number): readonly SlotEntry[] {
  const stage = (entry: SlotEntry): number => {
    if (entry.allowed === 0) return 1;
    return nowMs - entry.sinceMs < TURN_MS ? 0 : 2;
  };
  return entries.toSorted((a, b) => {
    const at = stage(a);
    if (at !== stage(b)) return at - stage(b);
    return (at === 2 ? b.sinceMs - a.sinceMs : a.sinceMs - b.sinceMs) || byRank(a, b);
  });
}

/** Highest priority first, then the oldest run. */
function byRank(a: SlotEntry, b: SlotEntry): number {
  return b.priority - a.priority || a.startedMs - b.startedMs || byName(a.runId, b.runId) || byName(a.holder, b.holder);
}
