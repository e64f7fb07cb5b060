-- Reads what is under keys, whether they are in their indexes, and the epoch, all at one moment.
-- KEYS: of each session its key and its index; last, but in a cluster, the key of the epoch.

local epoch = #KEYS % 2 == 1 and redis.call('GET', KEYS[#KEYS])
local answer = {}
for i = 1, #KEYS - 1, 2 do
  local texts = redis.pcall('HGETALL', KEYS[i])
  if not texts.err then
    texts[#texts + 1] = redis.call('ZSCORE', KEYS[i + 1], string.sub(KEYS[i], -43)) or ''
    texts[#texts + 1] = epoch or ''
  end
  answer[#answer + 1] = texts.err or cmsgpack.pack(texts)
end
return answer
