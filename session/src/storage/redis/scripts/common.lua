-- What every script begins with.
--
-- KEYS: of each call as its script says.
-- ARGV: of each call the epoch, as a cluster's client knows it, else ''; '1' if that was read just now; the time; then
-- as each script says. Times and other numbers of 64 bits are texts: Lua's own numbers lose what is beyond 2^53.

local KEYS, ARGV = KEYS, ARGV
local epoch, fresh, now, at

-- Begins a call; `current` is the epoch as it was read just now, if its client does not know it.
local function begin(keys, args, current)
  KEYS, ARGV, at = keys, args, 3
  epoch, fresh, now = ARGV[1], ARGV[2] == '1', ARGV[3]
  if epoch == '' then epoch, fresh = current, true end
end

local function arg()
  at = at + 1
  return ARGV[at]
end

-- How many arguments or fields follow, which the client counted.
local function count()
  return tonumber(arg())
end

-- Whether one decimal text is less than another.
local function less(left, right)
  return #left < #right or (#left == #right and left < right)
end

-- The name of a key that is never there. While a slot is being moved, the server begins no script that names a key which
-- is not there; one that it began would end in the middle, where it needs a key which it has deleted itself.
local NEVER = '-'

-- A key ends in 43 characters that no other key of its tag has; what belongs together refers to it by them.
local function member(key)
  return string.sub(key, -43)
end

local function sibling(key, name)
  return string.sub(key, 1, -44) .. name
end

-- Returns the answer that asks for keys to be declared, if any of `names` beside `key` is not.
local function undeclared(key, names)
  local declared, answer = {}, {'keys'}
  for _, known in ipairs(KEYS) do declared[known] = true end
  for _, name in ipairs(names) do
    local wanted = sibling(key, name)
    if not declared[wanted] then answer[#answer + 1] = wanted end
  end
  return #answer > 1 and answer
end

-- HDEL, a thousand fields at a time.
local function hdel(key, fields)
  for first = 1, #fields, 1000 do
    redis.call('HDEL', key, unpack(fields, first, math.min(first + 999, #fields)))
  end
end

-- HSET of the next `n` arguments, a thousand pairs at a time.
local function hset(key, n)
  for first = at + 1, at + n, 2000 do
    redis.call('HSET', key, unpack(ARGV, first, math.min(first + 1999, at + n)))
  end
  at = at + n
end

-- Whether an index was last written under another epoch than the client knows, which may be old.
local function outdated(handles)
  local written = not fresh and redis.call('HGET', handles, '@epoch')
  return written and written ~= epoch
end
