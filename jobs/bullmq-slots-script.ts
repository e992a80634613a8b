/**
 * `grantSlots` (`slots.ts`) in Lua, so that a claim is judged and written in one step, by the server's time. The
 * conformance suite holds the two to each other.
 *
 * KEYS[1] the host's table (HASH, holder → entry as JSON); ARGV the claim with `had` (-1 for none) as JSON, the time a
 * grant holds and the length of a turn in milliseconds → JSON {slots, shared, alone, first}.
 */
export const CLAIM_SLOTS = `
local claim, ttl, turn = cjson.decode(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function byRank(a, b)
  if a.priority ~= b.priority then return a.priority > b.priority end
  if a.startedMs ~= b.startedMs then return a.startedMs < b.startedMs end
  if a.runId ~= b.runId then return a.runId < b.runId end
  return a.holder < b.holder
end

local function filter(list, keeps)
  local kept = {}
  for _, entry in ipairs(list) do if keeps(entry) then kept[#kept + 1] = entry end end
  return kept
end

local function total(list, field)
  local sum = 0
  for _, entry in ipairs(list) do sum = sum + entry[field] end
  return sum
end

local entries, before = {}, nil
for _, text in ipairs(redis.call('HVALS', KEYS[1])) do
  local entry = cjson.decode(text)
  entry.aloneSinceMs = entry.aloneSinceMs or 0 -- an older version says nothing of it
  if entry.untilMs <= now then redis.call('HDEL', KEYS[1], entry.holder)
  elseif entry.holder == claim.holder then before = entry
  else entries[#entries + 1] = entry end
end
local others = #entries
local free = -total(entries, 'held')

local own = claim
own.allowed = math.max(0, claim.had)
own.held = math.max(own.allowed, claim.using)
own.sinceMs = before and before.sinceMs or now
own.untilMs = now + ttl
own.healingMs = before and before.healingMs or (claim.had >= 0 and now + ttl or 0)
own.aloneSinceMs = 0
if claim.alone then own.aloneSinceMs = before and before.aloneSinceMs > 0 and before.aloneSinceMs or now end
own.had, own.alone = nil, nil
entries[#entries + 1] = own
table.sort(entries, byRank)

local slots, healing = own.slots, false
for _, entry in ipairs(entries) do
  slots = math.min(slots, entry.slots)
  healing = healing or entry.healingMs > now
end
free = math.max(0, slots + free)

local following = filter(entries, function(entry) return entry.wants > 0 end)[1]
local allowed = filter(entries, function(entry) return entry.allowed > 0 end)
local busy = #allowed > 0 and allowed or filter(entries, function(entry) return entry.held > 0 end)
local model = busy[1] and busy[1].model or following and following.model
local wanting = filter(entries, function(entry) return entry.wants > 0 and entry.model == model end)[1]
local preempts = following and (not wanting or following.priority > wanting.priority)
local served = model
if preempts and following.model ~= model then served = nil end
local queue = filter(busy, function() return true end)
if following and (preempts or #busy == 0) then table.insert(queue, 1, following) end
local first = filter(queue, function(entry) return entry.model ~= own.model end)[1]

local single
for _, entry in ipairs(entries) do
  local isFirst = not single or entry.aloneSinceMs < single.aloneSinceMs
  if entry.aloneSinceMs > 0 and entry.model == model and isFirst then single = entry end
end

local due = 0
if served == own.model and single then
  if single == own then due = 1 end
elseif served == own.model then
  local rivals = filter(entries, function(entry) return entry.model == own.model and entry.wants > 0 end)
  local left = slots - total(filter(rivals, function(entry) return entry.priority > own.priority end), 'wants')
  local order = filter(rivals, function(entry) return entry.priority == own.priority end)
  local function stage(entry)
    if entry.allowed == 0 then return 1 end
    return now - entry.sinceMs < turn and 0 or 2
  end
  if #order > left then
    table.sort(order, function(a, b)
      local at = stage(a)
      if at ~= stage(b) then return at < stage(b) end
      if a.sinceMs == b.sinceMs then return byRank(a, b) end
      if at == 2 then return a.sinceMs > b.sinceMs end
      return a.sinceMs < b.sinceMs
    end)
  end
  local round, given = 0, true
  while left > 0 and given do
    given = false
    for _, entry in ipairs(order) do
      if left > 0 and entry.wants > round then
        if entry == own then due = round + 1 end
        left, given = left - 1, true
      end
    end
    round = round + 1
  end
end

local grant = math.min(due, free, healing and own.allowed or due)
local had = before and before.allowed or 0
if (grant > 0) ~= (had > 0) or (grant == 0 and own.wants == 0) then own.sinceMs = now end
own.allowed = grant
own.held = math.max(grant, own.held)
local open = filter(entries, function(entry) return entry ~= own and entry.held > 0 end)
redis.call('HSET', KEYS[1], own.holder, cjson.encode(own))
redis.call('PEXPIRE', KEYS[1], ttl)
local waits = grant == 0 and own.wants > 0 and first
return cjson.encode({
  slots = grant,
  shared = others > 0,
  alone = single == own and own.held > 0 and not healing and #open == 0,
  first = waits and { model = first.model, runId = first.runId } or cjson.null,
})`;
