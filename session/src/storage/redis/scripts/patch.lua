-- Changing a session.

-- Whether the client must look at the session before it can tell what its patch does: a text is compared byte by byte
-- here, and what is JSON is told by the client. The arguments: the version that the client saw, or '', and checks.
local function unclear(key)
  local version, answer = arg(), false
  if version ~= '' and redis.call('HGET', key, '@version') ~= version then answer = true end
  for _ = 1, count() do
    local kind, name, text = arg(), arg(), arg()
    local stored = redis.call('HGET', key, name)
    if stored ~= text and (kind == '=' or stored) then answer = true end
  end
  return answer
end

-- Removes the entries of a field. There are none unless it has the presence marker.
local function clear(key, name)
  if redis.call('HGET', key, name) ~= '{}' then return end
  local prefix, entries = name .. '/', {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, #prefix) == prefix then entries[#entries + 1] = field end
  end
  hdel(key, entries)
end

local MAX, MIN, UNSIGNED = '9223372036854775807', '9223372036854775808', '18446744073709551615'

-- Returns the digits of an integer, and its sign. What was stored unsigned is clamped to 63 bits, any other text than
-- an integer's, which may have spaces around it as JSON's may, counts as zero.
local function integer(text)
  local sign, digits = string.match(text or '', '^[ \t\n\r]*(%-?)(%d+)[ \t\n\r]*$')
  if not digits or digits == '0' or string.sub(digits, 1, 1) == '0' then return '0', '' end
  if sign == '-' then
    if less(MIN, digits) then return '0', '' end
  elseif less(MAX, digits) then
    return less(UNSIGNED, digits) and '0' or MAX, ''
  end
  return digits, sign
end

local function below(left, right)
  local a, minus_a = integer(left)
  local b, minus_b = integer(right)
  if minus_a ~= minus_b then return minus_a == '-' end
  if minus_a == '-' then return less(b, a) end
  return less(a, b)
end

-- Adds to an integer, exactly, and clamps the sum. What is no integer counts as zero.
local function add(key, name, delta, min, max)
  local stored = redis.call('HGET', key, name)
  local digits, sign = integer(stored)
  if stored ~= sign .. digits then
    clear(key, name)
    redis.call('HSET', key, name, sign .. digits)
  end
  local sum = redis.pcall('HINCRBY', key, name, delta)
  if type(sum) == 'table' then
    -- Only the sum can be beyond 64 bits.
    redis.call('HSET', key, name, string.sub(delta, 1, 1) == '-' and min or max)
    return
  end
  sum = redis.call('HGET', key, name)
  if below(sum, min) then redis.call('HSET', key, name, min) end
  if below(max, sum) then redis.call('HSET', key, name, max) end
end

local steps = {}

-- Raises the version.
function steps.version(key)
  redis.call('HINCRBY', key, '@version', 1)
end

-- Gives a field a value if it has none.
function steps.init(key)
  local name, n = arg(), count()
  if redis.call('HEXISTS', key, name) == 1 then at = at + n else hset(key, n) end
end

function steps.set(key)
  local name, n = arg(), count()
  clear(key, name)
  hset(key, n)
end

function steps.remove(key)
  local name = arg()
  clear(key, name)
  redis.call('HDEL', key, name)
end

-- Makes a field null if it has this value still.
function steps.take(key)
  local name, text = arg(), arg()
  if redis.call('HGET', key, name) == text then redis.call('HSET', key, name, 'null') end
end

function steps.add(key)
  add(key, arg(), arg(), arg(), arg())
end

-- Sets and removes entries.
function steps.entries(key)
  redis.call('HSETNX', key, arg(), '{}')
  hset(key, count())
  local removed = {}
  for i = 1, count() do removed[i] = arg() end
  hdel(key, removed)
end

function steps.meta(key)
  hset(key, count())
end

-- No session expires after its deadline.
local function clamp(key)
  local times = redis.call('HMGET', key, '@expires_at', '@deadline')
  if less(times[2], times[1]) then redis.call('HSET', key, '@expires_at', times[2]) end
end

-- Returns how long the server keeps a session: until five minutes after its end, but no more than a hundred years.
local function kept(key)
  local left = tonumber(redis.call('HGET', key, '@expires_at')) - tonumber(now)
  return string.format('%.0f', math.min(math.max(left, 0) + 300000, 3155760000000))
end

-- Writes down a use, unless a later one is. Returns the time to live.
function steps.seen(key)
  local seen_at, ttl, n = arg(), arg(), count()
  local known = redis.call('HMGET', key, '@seen_at', '@ttl')
  if less(seen_at, known[1]) then
    at = at + n
    return
  end
  hset(key, n)
  local own = known[2] and later(seen_at, known[2])
  local longer = own and less(redis.call('HGET', key, '@expires_at'), own)
  if longer then redis.call('HSET', key, '@expires_at', own) end
  clamp(key)
  return longer and kept(key) or ttl
end

function steps.expire(key)
  redis.call('HSET', key, '@expires_at', arg())
  clamp(key)
  return arg()
end

-- Lets a session that has a lifetime of its own end that long after a proof of identity. Returns the time to live then.
function steps.prove(key)
  local proved, ttl = arg(), redis.call('HGET', key, '@ttl')
  if not ttl then return end
  local own = later(proved, ttl)
  redis.call('HSET', key, '@deadline', own, '@expires_at', own)
  return kept(key)
end

-- Sets the absolute end. Returns the time to live.
function steps.deadline(key)
  redis.call('HSET', key, '@deadline', arg())
  clamp(key)
  return kept(key)
end

-- Applies the rest of the arguments. Returns the time to live, if it is changed.
local function apply(key)
  local ttl
  while at < #ARGV do ttl = steps[arg()](key) or ttl end
  return ttl
end
