-- Carries out several calls, which have nothing to do with each other.
-- KEYS: those of the calls, one after the other; last, the key of the epoch. ARGV: one text that holds of each call how
-- many keys are its own, and its arguments.

local keys, calls, answers, last = KEYS, cmsgpack.unpack(ARGV[1]), {}, 0
local current = redis.call('GET', keys[#keys])
for i = 1, #calls, 2 do
  local own = tonumber(calls[i])
  begin({unpack(keys, last + 1, last + own)}, calls[i + 1], current)
  local carried_out, answer = pcall(carry_out)
  answers[#answers + 1] = carried_out and cmsgpack.pack(answer) or failed(answer)
  -- That is about the server, and nobody's own.
  if not carried_out and string.find(answers[#answers], 'READONLY', 1, true) then error(answer, 0) end
  last = last + own
end
return cmsgpack.pack(answers)
