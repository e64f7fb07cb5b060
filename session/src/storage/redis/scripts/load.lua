-- Reads what is under keys, whether they are in their indexes, and the epoch, all at one moment.
-- KEYS: of each session its key and its index; last, but in a cluster, the key of the epoch.

local epoch = #KEYS % 2 == 1 and redis.call('GET', KEYS[#KEYS])

local function read(key, index)
  local texts = redis.call('HGETALL', key)
  texts[#texts + 1] = redis.call('ZSCORE', index, string.sub(key, -43)) or ''
  texts[#texts + 1] = epoch or ''
  return cmsgpack.pack(texts)
end

local answers = {}
for i = 1, #KEYS - 1, 2 do
  local was_read, answer = pcall(read, KEYS[i], KEYS[i + 1])
  answers[#answers + 1] = was_read and answer or failed(answer)
end
return cmsgpack.pack(answers)
